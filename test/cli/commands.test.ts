import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NdArray } from "../../src/base/ndarray.ts";
import { writeImage } from "../../src/data/node.ts";
import { runCli, temporaryFolder } from "./runCli.ts";
import { SIDE, tinyImages, writeTinyData } from "./tinyData.ts";

let folder: string;
const cleanups: (() => void)[] = [];
beforeAll(async () => {
  folder = temporaryFolder((remove) => cleanups.push(remove));
  writeTinyData(join(folder, "tiny"));
  const ran = await runCli(["train", "--data", "tiny", "--batch-size", "8", "--epochs", "8", "--lr", "0.1", "--out", "run"], {
    cwd: folder,
  });
  expect(ran.code).toBe(0);
  copyFileSync(join(folder, "run/weights.safetensors"), join(folder, "elsewhere.safetensors"));
});
afterAll(() => {
  for (const remove of cleanups) remove();
});
const fovea = async (...args: readonly string[]): Promise<string> => {
  const ran = await runCli(args, { cwd: folder });
  expect(ran.stderr).toBe("");
  expect(ran.code).toBe(0);
  return ran.stdout;
};

describe("fovea eval", () => {
  it("shows accuracy, and what is taken for what", async () => {
    const text = await fovea("eval", "run");
    expect(text).toMatch(/^tiny test: accuracy \d+(\.\d)?% \(\d+ of 24 images\), loss \d\.\d{4}\n\nclass {2}accuracy/);
    expect(text.trimEnd().split("\n")).toHaveLength(6);
  });

  it("counts every image once in the confusion matrix", async () => {
    const { confusion, correct, images } = JSON.parse(await fovea("eval", "run", "--json")) as {
      confusion: number[][];
      correct: number;
      images: number;
    };
    expect(confusion.flat().reduce((a, b) => a + b, 0)).toBe(images);
    expect(confusion.reduce((sum, row, k) => sum + row[k]!, 0)).toBe(correct);
  });

  it("tests weights from elsewhere, told what they are for", async () => {
    const own = JSON.parse(await fovea("eval", "run", "--json")) as { testAccuracy: number };
    const same = JSON.parse(await fovea("eval", "elsewhere.safetensors", "--model", "lenet5", "--data", "tiny", "--json"));
    expect(same).toMatchObject({ testAccuracy: own.testAccuracy, weights: "elsewhere.safetensors" });
  });
});

describe("fovea predict", () => {
  it("knows the pictures it was trained on", async () => {
    const { images, labels } = tinyImages(6, "t10k");
    const files = await Promise.all(
      [...labels].map(async (_, i) => {
        const pixels = images.slice(i * SIDE * SIDE, (i + 1) * SIDE * SIDE);
        await writeImage(join(folder, `${i}.png`), new NdArray("u8", [SIDE, SIDE], pixels));
        return `${i}.png`;
      }),
    );
    const { predictions } = JSON.parse(await fovea("predict", "--run", "run", ...files, "--json")) as {
      predictions: { file: string; class: string; index: number; probability: number; probabilities: number[] }[];
    };
    expect(predictions.map((p) => p.file)).toEqual(files);
    expect(predictions.map((p) => p.index)).toEqual([...labels]);
    for (const { probability, probabilities, index } of predictions) {
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      expect(probabilities[index]).toBe(probability);
    }
    expect((await fovea("predict", "--run", "run", ...files)).split("\n")[0]).toMatch(
      new RegExp(`^0\\.png {2}${labels[0]} {2}\\d+(\\.\\d)?%`),
    );
  });
});

describe("fovea summary", () => {
  it("shows the layers of a model", async () => {
    const text = await fovea("summary", "lenet5");
    expect(text).toContain("61,706");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("counts what --input and --classes ask for", async () => {
    const { total } = JSON.parse(await fovea("summary", "lenet5", "--input", "3x32x32", "--classes", "100", "--json")) as {
      total: { weights: number };
    };
    expect(total.weights).toBe(6 * 76 + 16 * 151 + 120 * 577 + 84 * 121 + 100 * 85);
  });

  it("shows the network of a run, and what a weights file holds", async () => {
    expect(JSON.parse(await fovea("summary", "run", "--json"))).toMatchObject({ model: "lenet5", input: [1, 12, 12] });
    expect(JSON.parse(await fovea("summary", "elsewhere.safetensors", "--json"))).toMatchObject({
      elements: 6 * 26 + 16 * 151 + 120 * 17 + 84 * 121 + 3 * 85,
    });
  });
});

describe("help", () => {
  it.each([[["--help"]], [["train", "--help"]], [["eval", "--help"]], [["predict", "--help"]], [["summary", "--help"]]])(
    "%j",
    async (args) => {
      const text = await fovea(...args);
      expect(text).toMatch(/^Usage: fovea/);
      if (args.length > 1) expect(text).toContain("\nExamples:\n");
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    },
  );

  it("says its version", async () => {
    expect(await fovea("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
