/** fovea explain, as a user runs it. */
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { gradCam, saliency } from "../../src/analysis/explain/index.ts";
import { NdArray } from "../../src/base/ndarray.ts";
import { run } from "../../src/cli/fovea.ts";
import { loadData, writeImage } from "../../src/data/node.ts";
import { lenet5 } from "../../src/models/index.ts";
import { readRun } from "../../src/train/node.ts";
import { type Ran, temporaryFolder } from "./runCli.ts";
import { SIDE, writeTinyData } from "./tinyData.ts";

let folder: string;
const cleanups: (() => void)[] = [];
const at = (name: string): string => join(folder, name);

/** The command line within this process, which is much faster than a process for each command. */
async function fovea(...args: readonly string[]): Promise<Ran> {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += text;
      return true;
    }),
  );
  try {
    return { code: await run(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}

beforeAll(async () => {
  folder = temporaryFolder((remove) => cleanups.push(remove));
  writeTinyData(at("tiny"));
  const ran = await fovea("train", "--data", at("tiny"), "--batch-size", "8", "--epochs", "8", "--lr", "0.1", "--out", at("run"));
  expect(ran.code, ran.stderr).toBe(0);
  copyFileSync(at("run/weights.safetensors"), at("elsewhere.safetensors"));
});
afterAll(() => {
  for (const remove of cleanups) remove();
});

async function explain(run: string, ...args: readonly string[]): Promise<string> {
  const ran = await fovea("explain", at(run), ...args, "--steps", "8");
  expect(ran.stderr).toBe("");
  expect(ran.code).toBe(0);
  return ran.stdout;
}

/** What --json gives, as far as it is looked at. */
interface Figures {
  readonly class: string;
  readonly index: number;
  readonly score: number;
  readonly probabilities: readonly number[];
  readonly pixels: Readonly<Record<string, { readonly map: readonly (readonly number[])[] } & Readonly<Record<string, unknown>>>>;
  readonly layers: readonly { readonly path: string; readonly type: string; readonly shape: readonly number[]; readonly values: unknown }[];
  readonly filters: readonly { readonly path: string }[];
  readonly maximization: readonly {
    readonly layer: string;
    readonly channels: readonly { readonly activations: readonly number[]; readonly image: readonly number[][][] }[];
  }[];
  readonly check: readonly { readonly method: string; readonly layers: readonly { readonly path: string }[] }[];
  readonly out: string | null;
}
const figures = async (run: string, ...args: readonly string[]): Promise<Figures> =>
  JSON.parse(await explain(run, ...args, "--json")) as Figures;

/** The network of the run and its first test images, by way of the library. */
async function byHand(index: number): Promise<{ model: ReturnType<typeof lenet5>; x: NdArray }> {
  const { weights, config } = await readRun(at("run"));
  const model = lenet5({ height: SIDE, width: SIDE, classes: 3 });
  model.loadStateDict(weights);
  const { test } = await loadData(at("tiny"));
  const pixels = test.images.data.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE);
  const x = new NdArray(
    "f32",
    [1, 1, SIDE, SIDE],
    Float32Array.from(pixels, (v) => (v / 255 - config!.data.mean[0]!) / config!.data.std[0]!),
  );
  return { model, x };
}

describe("the page", () => {
  it("has everything in it, without scripts and without asking for anything", async () => {
    const text = await explain("run", "--index", "2", "--out", at("page.html"));
    expect(text).toMatch(/^image 2 of tiny test: .*; it is \d\nexplained: class \d, score .*\nwritten to .*page\.html\n$/);
    const page = readFileSync(at("page.html"), "utf8");
    for (const heading of ["Which pixels speak for it", "Layer by layer", "Filters", "What channels look for", "How to reproduce"]) {
      expect(page.includes(`>${heading}</h2>`), heading).toBe(true);
    }
    for (const method of ["saliency", "smooth-grad", "guided", "gradient-times-input", "integrated-gradients", "occlusion", "grad-cam"]) {
      expect(page.includes(`<li id="${method}">`), method).toBe(true);
    }
    expect(/<script|<link|https?:|@import|url\(|\son\w+=/.exec(page)?.[0]).toBe(undefined);
    expect([...page.matchAll(/src="([^"]{5})/g)].every((m) => m[1] === "data:")).toBe(true);
    const words = page.replace(/^.*<body>/s, "").replace(/<[^>]*>/g, "");
    expect(words).toContain(
      `npx fovea explain ${at("run")} --index 2 --channels 8 --steps 8 --seed 0 --backend wasm --out ${at("page.html")}`,
    );
    expect(words).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("is the same, byte for byte, on one thread and on two", async () => {
    const pages = [];
    for (const threads of ["1", "2"]) {
      await explain(
        "run",
        "--threads",
        threads,
        "--method",
        "smooth-grad,integrated-gradients,grad-cam,maximization",
        "--out",
        at("same.html"),
      );
      pages.push(readFileSync(at("same.html"), "utf8"));
    }
    expect(pages[1] === pages[0]).toBe(true);
  });

  it("is not begun if its folder does not exist", async () => {
    const ran = await fovea("explain", at("run"), "--method", "saliency", "--out", at("no/page.html"));
    expect(ran.stderr).toMatch(/^fovea: .*no\/page\.html: file could not be written, .*Its folder does not exist/);
    expect(ran.code).toBe(1);
    expect(existsSync(at("no"))).toBe(false);
  });
});

describe("the numbers", () => {
  it("are those of the library", async () => {
    const found = await figures("run", "--index", "4", "--class", "1", "--method", "saliency,grad-cam");
    const { model, x } = await byHand(4);
    const [s, g] = [await saliency(model, x, 1), await gradCam(model, x, 1)];
    expect([found.class, found.index]).toEqual(["1", 1]);
    expect(found.score).toBeCloseTo(s.scores.item(), 4);
    expect(found.probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    for (const [method, map] of [["saliency", s.map] as const, ["grad-cam", g.map] as const]) {
      const rows = found.pixels[method]!.map;
      expect(rows.map((row) => row.length)).toEqual(Array(SIDE).fill(SIDE));
      rows.flat().forEach((v, p) => expect(v).toBeCloseTo(map.data[p]!, 4));
    }
    expect(found.pixels["grad-cam"]).toMatchObject({ layer: g.layer });
    expect([Object.keys(found.pixels), found.layers, found.out]).toEqual([["saliency", "grad-cam"], [], null]);
  });

  it("of the layers that are watched, in that order", async () => {
    const found = await figures("run", "--watch", "3,1", "--channels", "2", "--method", "maps,filters,maximization");
    expect(found.layers.map(({ path, type, shape }) => [path, type, shape])).toEqual([
      ["3", "Conv2d", [16, 2, 2]],
      ["1", "ReLU", [6, 12, 12]],
    ]);
    expect(found.filters.map(({ path }) => path)).toEqual(["3"]);
    expect(found.maximization.map(({ layer, channels }) => [layer, channels.length])).toEqual([
      ["3", 2],
      ["1", 2],
      ["", 3],
    ]);
    for (const { channels } of found.maximization) {
      for (const { activations, image } of channels) {
        expect(activations).toHaveLength(9);
        expect(activations.at(-1)!).toBeGreaterThanOrEqual(activations[0]!);
        expect(image[0]).toHaveLength(SIDE);
      }
    }
  });

  it("of the sanity check, from the last layer to the first", async () => {
    const { check } = await figures("run", "--method", "saliency,check");
    expect(check).toHaveLength(1);
    expect(check[0]!.method).toBe("saliency");
    expect(check[0]!.layers.map(({ path }) => path)).toEqual(["11", "9", "7", "3", "0"]);
  });

  it("for a picture from a file, and for weights from elsewhere", async () => {
    const { test } = await loadData(at("tiny"));
    await writeImage(at("3.png"), new NdArray("u8", [SIDE, SIDE], test.images.data.slice(3 * SIDE * SIDE, 4 * SIDE * SIDE)));
    const own = await figures("run", "--index", "3", "--method", "saliency");
    expect((await figures("run", "--image", at("3.png"), "--method", "saliency")).pixels).toEqual(own.pixels);
    const elsewhere = ["--model", "lenet5", "--data", at("tiny"), "--index", "3", "--method", "saliency"];
    expect((await figures("elsewhere.safetensors", ...elsewhere)).pixels).toEqual(own.pixels);
  });
});

describe("what cannot be", () => {
  it.each([
    [["--watch", "features.0"], 2, /--watch: there is no such layer, got "features\.0"\. There are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11$/],
    [["--layer", "12"], 2, /--layer: there is no such layer, got "12"\. Did you mean 1 or 2 or 10\? There are 0, 1/],
    [["--layer", "11"], 2, /--layer: the layer's output must have space, got "11", which gives 3\. Take one of 0, 1, 2, 3, 4$/],
    [["--class", "7"], 2, /--class must be 0, 1, 2, or 0 to 2, got 7$/],
    [["--index", "24"], 2, /--index must be 0 to 23, of tiny test, got 24$/],
    [["--index", "1", "--image", "x.png"], 2, /--index is for a data set, and --image is given/],
    [["--method", "saliancy"], 2, /--method must be .*, got saliancy\. Did you mean saliency\?$/],
    [["--watch", "0,,1"], 2, /--watch must be names with commas between them, got 0,,1$/],
    [["--image", "none.png"], 1, /none\.png: picture could not be read/],
    [["--fill", "256"], 2, /--fill must be a whole number from 0 to 255, got 256$/],
  ] as const)("%j", async (args, code, line) => {
    const before = readdirSync(folder);
    const ran = await fovea("explain", at("run"), ...args, "--out", at("bad.html"));
    expect(ran.stderr.trimEnd()).toMatch(line);
    expect(ran.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect([ran.stdout, ran.code]).toEqual(["", code]);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("nothing to write to, and weights that do not say what they are", async () => {
    const nowhere = await fovea("explain", at("run"));
    expect([nowhere.code, nowhere.stderr]).toEqual([
      2,
      "fovea: --out must say where to write the page, unless --json asks for its numbers\n",
    ]);
    const nameless = await fovea("explain", at("elsewhere.safetensors"), "--json");
    expect(nameless.code).toBe(2);
    expect(nameless.stderr).toMatch(/--data must say what the network of .*elsewhere\.safetensors is for/);
  });
});

it("helps", async () => {
  const text = (await fovea("explain", "--help")).stdout;
  expect(text).toContain("\nExamples:\n");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
