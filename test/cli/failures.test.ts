/** Everything a user can get wrong: one clear line on stderr, nothing on stdout, an exit code, and nothing left half-written. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { runCli, temporaryFolder } from "./runCli.ts";
import { idx, writeTinyData } from "./tinyData.ts";

const FAST = ["--batch-size", "8", "--epochs", "1", "--threads", "1"];

let folder: string;
const cleanups: (() => void)[] = [];
beforeAll(async () => {
  folder = temporaryFolder((remove) => cleanups.push(remove));
  writeTinyData(join(folder, "tiny"));
  const ran = await runCli(["train", "--data", "tiny", ...FAST, "--out", "run"], { cwd: folder });
  expect(ran.code).toBe(0);
});
afterAll(() => {
  for (const remove of cleanups) remove();
});

/** Runs a command that must fail with this line and code. */
async function fails(args: readonly string[], line: RegExp, code: number): Promise<void> {
  const before = readdirSync(folder);
  const ran = await runCli([...args, "--json"], { cwd: folder });
  // What comes before an error is progress, such as how large the data is.
  const errors = ran.stderr.split("\n").filter((text) => text.startsWith("fovea: "));
  expect(errors, ran.stderr).toHaveLength(1);
  expect(errors[0]).toMatch(line);
  expect(ran.stderr.trimEnd().split("\n").at(-1)).toBe(errors[0]);
  expect(ran.stderr).not.toMatch(/\n\s+at /);
  expect(ran.stdout).toBe("");
  expect(ran.code).toBe(code);
  expect(readdirSync(folder)).toEqual(before);
}

describe("usage", () => {
  it.each([
    [["train", "--epochs", "0"], /^fovea: --epochs must be a whole number of at least 1, got 0$/],
    [["train", "--epochs", "1.5"], /--epochs must be a whole number of at least 1, got 1\.5$/],
    [["train", "--batch-size", "-4"], /--batch-size must be a whole number of at least 1, got -4$/],
    [["train", "--lr", "-1"], /^fovea: --lr must be a number above 0, got -1$/],
    [["train", "--lr", "fast"], /--lr must be a number above 0, got fast$/],
    [["train", "--momentum", ""], /--momentum must be a number of at least 0, got ""$/],
    [["train", "--threads", "0"], /--threads must be a whole number from 1 to 64, got 0$/],
    [["train", "--threads", "65"], /--threads must be a whole number from 1 to 64, got 65$/],
    [["train", "--seed", "x"], /--seed must be a whole number of at least 0, got x$/],
    [["train", "--model", "lenet"], /--model must be one of the models that `fovea models` lists, got lenet\. Did you mean lenet5\?$/],
    [["train", "--backend", "wsam"], /--backend must be wasm or reference, got wsam\. Did you mean wasm\?$/],
    [["train", "--backend", "reference", "--threads", "2", "--data", "tiny"], /--threads must be 1 with --backend reference/],
    [["train", "--schedule", "step"], /--schedule must be cosine, multistep, onecycle or constant, got step$/],
    [["train", "--hold-out", "48", "--data", "tiny"], /--hold-out must be below 48, the number of images in tiny train, got 48$/],
    [["train", "--epoch", "3"], /unknown option '--epoch' \(Did you mean --epochs\?\)$/],
    [["train", "strokes"], /too many arguments/],
    [["trian"], /unknown command 'trian' \(Did you mean train\?\)$/],
    [["eval"], /missing required argument 'run'$/],
    [["predict", "x.png"], /required option '--run <folder>' not specified$/],
    [["summary", "lenet5", "--input", "28x28"], /--input must be 3 sizes such as 1x28x28, got 28x28$/],
    [["experiment", "permuted"], /the experiment must be .*, got permuted\. Did you mean permuted-pixels\?$/],
    [["summary", "text-cnn", "--input", "3x4"], /--input must be 1 size such as 56, got 3x4$/],
    [["summary", "lenet6"], /the network must be .*, got lenet6\. Did you mean lenet5\?$/],
  ] as const)("%j", (args, line) => fails(args, line, 2));
});

describe("data", () => {
  /** The tiny data with a change in its files. */
  async function broken(change: (folder: string) => void, line: RegExp): Promise<void> {
    const data = join(folder, "broken");
    cpSync(join(folder, "tiny"), data, { recursive: true });
    onTestFinished(() => rmSync(data, { recursive: true }));
    change(data);
    await fails(["train", "--data", "broken", ...FAST, "--out", "out"], line, 1);
  }

  it("truncated", () =>
    broken(
      (at) => truncateSync(join(at, "train-images-idx3-ubyte"), 1000),
      /train-images-idx3-ubyte: shape \[48, 12, 12\] needs 6928 bytes, got 1000/,
    ));
  it("of another format", () =>
    broken(
      (at) => writeFileSync(join(at, "t10k-labels-idx1-ubyte"), "hello, world"),
      /t10k-labels-idx1-ubyte: magic number must be .*, got 0x68656c6c/,
    ));
  it("of fewer labels than images", () =>
    broken(
      (at) => writeFileSync(join(at, "train-labels-idx1-ubyte"), idx([47], new Uint8Array(47))),
      /train-labels-idx1-ubyte: 48 images in .*train-images-idx3-ubyte need 48 labels, got \[47\]/,
    ));
  it("without a test set", () => broken((at) => rmSync(join(at, "t10k-images-idx3-ubyte")), /broken: looked for t10k-images-idx3-ubyte/));
  it("with a label that names no class", async () => {
    // A folder called mnist has the ten classes of MNIST.
    const data = join(folder, "mnist");
    cpSync(join(folder, "tiny"), data, { recursive: true });
    onTestFinished(() => rmSync(data, { recursive: true }));
    const labels = readFileSync(join(data, "train-labels-idx1-ubyte"));
    labels[8 + 5] = 11;
    writeFileSync(join(data, "train-labels-idx1-ubyte"), labels);
    await fails(["train", "--data", "./mnist", ...FAST, "--out", "out"], /the label of image 5 must be 0 to 9, got 11/, 1);
  });
  it("that is nowhere", () =>
    fails(["train", "--data", "nowhere", "--out", "out"], /^fovea: data: strokes, mnist, .* or a folder was expected, got "nowhere"/, 1));
  it("that is less than a batch", () =>
    fails(
      ["train", "--data", "tiny", "--batch-size", "64", "--out", "out"],
      /^fovea: fit: batchSize must be at most 48, the number of images in tiny train, got 64\. Make it smaller$/,
      1,
    ));
});

describe("a training", () => {
  it("that diverges", () =>
    fails(
      ["train", "--data", "tiny", "--batch-size", "8", "--lr", "1e20", "--threads", "1", "--out", "out"],
      /^fovea: fit: the training has diverged: the loss is NaN in step \d+ of epoch 1, with lr .*\. Make lr smaller$/,
      1,
    ));
  it("that cannot make its folder", () =>
    fails(
      ["train", "--data", "tiny", ...FAST, "--out", "tiny/train-labels-idx1-ubyte/out"],
      /^fovea: .*could not be written.*Its folder is a file/,
      1,
    ));

  it("on a disk that fills up", async () => {
    // The weights have 200 KB, config and metrics a few.
    const ran = await runCli(["train", "--data", "tiny", ...FAST, "--out", "out"], { cwd: folder, before: "ulimit -f 64" });
    expect(ran.stderr.trimEnd().split("\n").at(-1)).toMatch(/^fovea: out\/weights\.safetensors: file could not be written, got EFBIG/);
    expect(ran.code).toBe(1);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("on a disk that fills up later keeps the weights it has", async () => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    onTestFinished(() => rmSync(disk, { recursive: true }));
    try {
      // Room for one file of weights and for little more.
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=100k", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      return void console.warn("skipped: needs a small disk, and mount refuses to make one");
    }
    onTestFinished(() => void execFileSync("umount", [disk]));
    const ran = await runCli(["train", "--data", "tiny", ...FAST, "--epochs", "2", "--out", "disk/out"], { cwd: folder });
    expect(ran.stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^fovea: disk\/out\/weights\.safetensors: file could not be written, got ENOSPC.*free some space/,
    );
    expect(ran.code).toBe(1);
    // The second file of weights had no room beside the first one, which is whole.
    expect(readdirSync(join(disk, "out")).sort()).toEqual(["config.json", "metrics.jsonl", "weights.safetensors"]);
    expect((await runCli(["eval", "disk/out", "--json"], { cwd: folder })).code).toBe(0);
  });
});

describe("a saved network", () => {
  it("that is nowhere", () =>
    fails(["eval", "runs/none"], /^fovea: runs\/none: a run's folder or a safetensors file was expected, got no such file or folder$/, 1));
  it("that is no run", () => fails(["eval", "tiny"], /^fovea: tiny\/weights\.safetensors: .*got no such file or folder$/, 1));
  it("whose config is damaged", async () => {
    const copy = join(folder, "copy");
    cpSync(join(folder, "run"), copy, { recursive: true });
    onTestFinished(() => rmSync(copy, { recursive: true }));
    writeFileSync(join(copy, "config.json"), '{"model": "lenet5", "data": {"source": "tiny"}}');
    await fails(["eval", "copy"], /^fovea: copy\/config\.json: a run's config needs data\.classes, a list of names, got undefined/, 1);
    writeFileSync(join(copy, "config.json"), "{");
    await fails(["eval", "copy"], /^fovea: copy\/config\.json: a run's config must be JSON/, 1);
  });
  it("whose weights are cut short", async () => {
    const copy = join(folder, "copy");
    cpSync(join(folder, "run"), copy, { recursive: true });
    onTestFinished(() => rmSync(copy, { recursive: true }));
    truncateSync(join(copy, "weights.safetensors"), 5000);
    await fails(["eval", "copy"], /^fovea: copy\/weights\.safetensors: .*got \d+ bytes/, 1);
  });
  it("of another architecture", () =>
    fails(
      ["eval", "run", "--model", "lenet5-tanh"],
      /^fovea: run\/weights\.safetensors: these are not the weights of lenet5-tanh for .*missing features\.0\.weight.*unexpected 0\.weight/,
      1,
    ));
  it("for other images", () =>
    fails(
      ["eval", "run", "--data", "strokes"],
      /^fovea: run\/weights\.safetensors: the network is for images \[1, 12, 12\] in 3 classes, got images \[1, 28, 28\] in 10 classes$/,
      1,
    ));
  it("of other sizes, or that does not say what it is", async () => {
    const file = "elsewhere.safetensors";
    cpSync(join(folder, "run/weights.safetensors"), join(folder, file));
    onTestFinished(() => rmSync(join(folder, file)));
    await fails(["eval", file], /^fovea: --data must say what to test elsewhere\.safetensors on/, 2);
    await fails(["eval", file, "--data", "tiny"], /^fovea: --model must say which network elsewhere\.safetensors is for/, 2);
    await fails(["predict", "--run", file, "x.png"], /^fovea: --run must be a run's folder/, 2);
    const misfit =
      /^fovea: elsewhere\.safetensors: these are not the weights of lenet5 for .*7\.weight is f32 \[120, 400\], got f32 \[120, 16\]/;
    await fails(["eval", file, "--model", "lenet5", "--data", "strokes"], misfit, 1);
  });
  it("asked about what is no picture", () =>
    fails(
      ["predict", "--run", "run", "tiny/train-labels-idx1-ubyte"],
      /^fovea: tiny\/train-labels-idx1-ubyte: picture could not be read/,
      1,
    ));
  it("asked about a picture that is nowhere", () =>
    fails(["predict", "--run", "run", "none.png"], /^fovea: none\.png: picture could not be read/, 1));
});

it("--debug shows where an error comes from", async () => {
  const ran = await runCli(["train", "--data", "nowhere", "--debug"], { cwd: folder });
  expect(ran.stderr).toMatch(/^fovea: data: .*\nDataError: .*\n\s+at /);
  expect(ran.code).toBe(1);
});
