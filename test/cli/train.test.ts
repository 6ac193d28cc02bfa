import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { type Ran, runCli, temporaryFolder } from "./runCli.ts";
import { writeTinyData } from "./tinyData.ts";

const QUICK = ["--data", "tiny", "--batch-size", "8", "--epochs", "2", "--lr", "0.1"];

let folder: string;
const cleanups: (() => void)[] = [];
const train = (...args: readonly string[]): Promise<Ran> => runCli(["train", ...QUICK, ...args], { cwd: folder });
const shaOf = ({ stdout }: Ran): string => (JSON.parse(stdout) as { weightsSha256: string }).weightsSha256;

beforeAll(() => {
  folder = temporaryFolder((remove) => cleanups.push(remove));
  writeTinyData(join(folder, "tiny"));
});
afterAll(() => {
  for (const remove of cleanups) remove();
});

describe("fovea train --json", () => {
  let ran: Ran;
  beforeAll(async () => {
    ran = await train("--json", "--out", "runs/one", "--backend", "reference");
  });

  it("ends well", () => {
    expect(ran.stderr).not.toContain("fovea:");
    expect(ran.code).toBe(0);
  });

  it("prints one object on stdout, and nothing else", () => {
    expect(ran.stdout.trimEnd().split("\n")).toHaveLength(1);
    const result = JSON.parse(ran.stdout) as Record<string, unknown>;
    expect(result).toMatchObject({ epochs: 2, steps: 12, threads: 1, backend: "reference", interrupted: false, run: "runs/one", seed: 1 });
    expect(result.testAccuracy).toBeGreaterThanOrEqual(0);
    expect(result.testAccuracy).toBeLessThanOrEqual(1);
    expect(result.seconds).toBeGreaterThan(0);
    expect((result.memory as { total: number }).total).toBeGreaterThan(0);
    expect(result.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("tells its progress on stderr, without control characters where there is no terminal", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    expect(ran.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    for (const part of ["memory", "threads   1 (reference)", "1/2", "2/2", "48 images to train on, 24 to test on"])
      expect(ran.stderr).toContain(part);
    for (const line of ran.stderr.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("keeps weights, metrics, config and report", () => {
    expect(readdirSync(join(folder, "runs/one")).sort()).toEqual(["config.json", "metrics.jsonl", "report.html", "weights.safetensors"]);
    const file = readFileSync(join(folder, "runs/one/weights.safetensors"));
    expect(shaOf(ran)).toBe(createHash("sha256").update(file).digest("hex"));
    const metrics = readFileSync(join(folder, "runs/one/metrics.jsonl"), "utf8").trimEnd().split("\n");
    expect(metrics.map((line) => Object.keys(JSON.parse(line) as object))).toEqual(
      Array(2).fill(["epoch", "trainLoss", "trainAccuracy", "testLoss", "testAccuracy", "seconds", "imagesPerSecond", "lr"]),
    );
    expect(readFileSync(join(folder, "runs/one/report.html"), "utf8")).toContain(shaOf(ran));
  });

  it("writes down how to repeat it, and that gives the same bits", async () => {
    const { command } = JSON.parse(readFileSync(join(folder, "runs/one/config.json"), "utf8")) as { command: string };
    const again = await runCli([...command.split(" ").slice(2), "--json", "--out", "runs/again"], { cwd: folder });
    expect(shaOf(again)).toBe(shaOf(ran));
    expect(shaOf(await train("--json", "--seed", "2", "--out", "runs/other", "--backend", "reference"))).not.toBe(shaOf(ran));
  });

  it("agrees with fovea eval", async () => {
    const evaluated = await runCli(["eval", "runs/one", "--json", "--backend", "reference"], { cwd: folder });
    const { testAccuracy, testLoss } = JSON.parse(ran.stdout) as { testAccuracy: number; testLoss: number };
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ testAccuracy, images: 24, model: "lenet5" });
    // The program that trained has the weights in double precision, the file in single.
    expect((JSON.parse(evaluated.stdout) as { testLoss: number }).testLoss).toBeCloseTo(testLoss, 5);
  });
});

describe("fovea train on WebAssembly", () => {
  it("gives the same bits on one thread and on three", async () => {
    const one = await train("--json", "--threads", "1", "--out", "runs/threads1");
    const three = await train("--json", "--threads", "3", "--out", "runs/threads3");
    expect(JSON.parse(three.stdout)).toMatchObject({ threads: 3, backend: "wasm" });
    expect(shaOf(three)).toBe(shaOf(one));
  });

  it("learns, and says so in words", async () => {
    const { code, stdout } = await train("--epochs", "6", "--out", "runs/words");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^accuracy {2}(\d+)(\.\d)?% on tiny test \(\d+ of 24 images\), after /);
    expect(Number(/(\d+)(\.\d)?%/.exec(stdout)![1])).toBeGreaterThan(80);
    expect(stdout).toContain("report    runs/words/report.html");
  });
});

describe("fovea train with other options", () => {
  const OTHERS = ["--optimizer", "adamw", "--schedule", "multistep", "--warmup", "0.5", "--augment", "crop=2,flip", "--lr", "0.01"];

  it("writes all of them down, and how to repeat it to the bit", async () => {
    const ran = await train(...OTHERS, "--json", "--out", "runs/others", "--threads", "1");
    expect(ran.code).toBe(0);
    const config = JSON.parse(readFileSync(join(folder, "runs/others/config.json"), "utf8")) as Record<string, unknown>;
    expect(config.training).toEqual({
      epochs: 2,
      batchSize: 8,
      optimizer: "adamw",
      lr: 0.01,
      momentum: 0.9,
      weightDecay: 0.01,
      schedule: "multistep",
      warmup: 0.5,
      augment: { flip: true, crop: 2 },
      seed: 1,
    });
    expect(config.command).toBe(
      "npx fovea train --data tiny --model lenet5 --epochs 2 --batch-size 8 --optimizer adamw --lr 0.01 --momentum 0.9 " +
        "--weight-decay 0.01 --schedule multistep --warmup 0.5 --augment flip,crop=2 --seed 1 --backend wasm",
    );
    expect(readFileSync(join(folder, "runs/others/report.html"), "utf8")).toContain("flip,crop=2");
    expect(ran.stderr.replace(/\s+/g, " ")).toContain(
      "2 epochs in batches of 8, adamw with learning rate 0.01 (multistep, after 0.5 epochs of warm-up), momentum 0.9, " +
        "weight decay 0.01, images changed by flip,crop=2, seed 1",
    );
    const again = await runCli([...String(config.command).split(" ").slice(2), "--json", "--threads", "3", "--out", "runs/others2"], {
      cwd: folder,
    });
    expect(shaOf(again)).toBe(shaOf(ran));
    const plain = await train(...OTHERS, "--augment", "flip", "--json", "--threads", "1", "--out", "runs/others3");
    expect(shaOf(plain)).not.toBe(shaOf(ran));
  });

  it.each([
    ["sgd", "constant", "0.1"],
    ["adam", "onecycle", "0.01"],
    ["adamw", "cosine", "0.01"],
    ["rmsprop", "multistep", "0.003"],
  ])("learns by %s with a %s rate", async (optimizer, schedule, lr) => {
    const args = ["--optimizer", optimizer, "--schedule", schedule, "--lr", lr, "--epochs", "10", "--json", "--threads", "1"];
    const ran = await train(...args, "--out", `runs/${optimizer}`);
    const { history } = JSON.parse(ran.stdout) as { history: { trainLoss: number }[] };
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss / 2);
  });

  it("says which batch of CIFAR is held out where there is no test batch", async () => {
    const stream = new RandomStream(1, "batches");
    mkdirSync(join(folder, "cifar"));
    for (const k of [1, 5]) {
      const batch = Uint8Array.from({ length: 16 * 3073 }, (_, at) =>
        at % 3073 === 0 ? (at / 3073) % 10 : stream.below(256, k * 1e6 + at),
      );
      writeFileSync(join(folder, `cifar/data_batch_${k}.bin`), batch);
    }
    const args = ["train", "--data", "cifar", "--batch-size", "8", "--epochs", "1", "--augment", "flip,crop", "--threads", "1"];
    const ran = await runCli([...args, "--out", "runs/cifar", "--json"], { cwd: folder });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/^test +cifar-10 test \(data_batch_5\.bin, held out\)$/m);
    expect(JSON.parse(ran.stdout)).toMatchObject({ steps: 2, testedOn: "cifar-10 test (data_batch_5.bin, held out)" });
    const config = JSON.parse(readFileSync(join(folder, "runs/cifar/config.json"), "utf8")) as { data: { testedOn: string } };
    expect(config.data.testedOn).toBe("cifar-10 test (data_batch_5.bin, held out)");
  });
});

describe("the folder of a run", () => {
  it("is a new one each time by default", async () => {
    const cwd = temporaryFolder();
    writeTinyData(join(cwd, "my digits"));
    const args = ["train", "--data", "my digits", "--batch-size", "8", "--epochs", "1", "--threads", "1"];
    await Promise.all([runCli(args, { cwd }), runCli(args, { cwd })]);
    const runs = readdirSync(join(cwd, "runs"));
    expect(runs).toHaveLength(2);
    for (const run of runs) expect(run).toMatch(/^lenet5-my_digits-\d{8}-\d{6}(-2)?$/);
  });

  it("is not overwritten unless asked for", async () => {
    await train("--epochs", "1", "--out", "runs/kept");
    const before = readFileSync(join(folder, "runs/kept/weights.safetensors"));
    const refused = await train("--epochs", "1", "--seed", "5", "--out", "runs/kept");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe("fovea: runs/kept: folder holds a run already. Choose another one, or overwrite it with --force\n");
    expect(readFileSync(join(folder, "runs/kept/weights.safetensors"))).toEqual(before);
    expect((await train("--epochs", "1", "--seed", "5", "--out", "runs/kept", "--force")).code).toBe(0);
    expect(readFileSync(join(folder, "runs/kept/weights.safetensors"))).not.toEqual(before);
  });

  it("is never one with other things in it", async () => {
    const refused = await train("--epochs", "1", "--out", "tiny", "--force");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^fovea: tiny: folder holds other files than a run's, got [\w-]+\. Choose another one\n$/);
    expect(existsSync(join(folder, "tiny/train-images-idx3-ubyte"))).toBe(true);
  });
});

describe("Ctrl-C", () => {
  it("finishes the step, saves the weights and says where", async () => {
    let sent = false;
    const ran = await runCli(["train", ...QUICK, "--epochs", "100000", "--json", "--out", "runs/stopped"], {
      cwd: folder,
      onStderr(stderr, kill) {
        if (sent || !/^ *2\/100000 /m.test(stderr)) return;
        sent = true;
        kill("SIGINT");
      },
    });
    expect(ran.code).toBe(130);
    expect(ran.stderr).toContain("Stopping after this step");
    const result = JSON.parse(ran.stdout) as { epochs: number; steps: number };
    expect(result).toMatchObject({ interrupted: true, testAccuracy: null, report: null, weights: "runs/stopped/weights.safetensors" });
    expect(result.epochs).toBeGreaterThanOrEqual(2);
    expect(result.steps).toBeGreaterThanOrEqual(6 * result.epochs);
    const evaluated = await runCli(["eval", "runs/stopped", "--json"], { cwd: folder });
    expect(evaluated.code).toBe(0);
  });

  it("twice ends at once", async () => {
    // One step, and then a test that takes seconds: the first signal does not cut it short, the second one does.
    writeTinyData(join(folder, "slow"), { train: 8, test: 20_000 });
    let sent = 0;
    const args = [
      "train",
      "--data",
      "slow",
      "--backend",
      "reference",
      "--batch-size",
      "8",
      "--epochs",
      "1",
      "--json",
      "--out",
      "runs/twice",
    ];
    const ran = await runCli(args, {
      cwd: folder,
      onStderr(stderr, kill) {
        if (sent === 0 && stderr.includes("train loss")) sent = kill("SIGINT") ? 1 : 0;
        if (sent === 1 && stderr.includes("Stopping")) sent = kill("SIGINT") ? 2 : 1;
      },
    });
    expect(sent).toBe(2);
    expect(ran.code).toBe(130);
    expect(ran.stdout).toBe("");
    expect(existsSync(join(folder, "runs/twice/report.html"))).toBe(false);
  });
});
