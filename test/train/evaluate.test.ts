import { beforeAll, describe, expect, it } from "vitest";
import { compile, NdArray, reference } from "../../src/index.ts";
import { crossEntropy, mul, softmax } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { evaluate, fit, normalize, predict } from "../../src/train/index.ts";
import { squares, tinyNet } from "./squares.ts";

const model = tinyNet();
const test = squares(45, "test");
/** [45, 4], by the reference backend in one go. */
let probabilities: NdArray;

beforeAll(async () => {
  await fit(model, { train: squares(64), optimizer: new SGD({ lr: 0.05 }), batchSize: 16, epochs: 2, threads: 1 });
  const program = await compile(reference(), { images: { shape: [45, 1, 8, 8], dtype: "u8" } }, ({ images }) =>
    softmax(model.forward(normalize(images, test) as never)),
  );
  probabilities = (await program.run({ images: test.images })).output;
});
const probability = (i: number, k: number): number => probabilities.data[i * 4 + k]!;
const likeliest = (i: number): number => [0, 1, 2, 3].reduce((best, k) => (probability(i, k) > probability(i, best) ? k : best), 0);

describe("evaluate", () => {
  it("gives the mean loss, the predictions and what they are mixed up with", async () => {
    const found = await evaluate(model, test, { threads: 1 });
    const labels = [...test.labels.data];
    expect(found.loss).toBeCloseTo(labels.reduce((sum, k, i) => sum - Math.log(probability(i, k)), 0) / 45, 5);
    expect([...found.predictions]).toEqual(labels.map((_, i) => likeliest(i)));
    expect(found.correct).toBe(labels.filter((k, i) => likeliest(i) === k).length);
    expect(found.correct).toBeGreaterThan(20);
    expect(found.accuracy).toBe(found.correct / 45);
    expect([...found.confusion.data]).toEqual(
      [0, 1, 2, 3].flatMap((truth) => [0, 1, 2, 3].map((k) => labels.filter((label, i) => label === truth && likeliest(i) === k).length)),
    );
  });

  it.each([1, 7, 44, 45, 1000])("gives the same in batches of %i", async (batchSize) => {
    const [whole, found] = [await evaluate(model, test, { threads: 1 }), await evaluate(model, test, { batchSize, threads: 1 })];
    expect(found.predictions).toEqual(whole.predictions);
    expect(found.loss).toBeCloseTo(whole.loss, 5);
  });

  it("reports how far it is", async () => {
    const seen: string[] = [];
    await evaluate(model, test, { batchSize: 20, threads: 1, onBatch: (done, all) => void seen.push(`${done}/${all}`) });
    expect(seen).toEqual(["20/45", "40/45", "45/45"]);
  });

  it("takes another loss", async () => {
    const { loss } = await evaluate(model, test, { threads: 1, loss: (scores, labels) => mul(crossEntropy(scores, labels), 2) });
    expect(loss).toBeCloseTo(2 * (await evaluate(model, test, { threads: 1 })).loss, 5);
  });
});

describe("predict", () => {
  it.each([250, 10])("gives classes and probabilities, in batches of %i", async (batchSize) => {
    const found = await predict(model, test.images, { ...test, batchSize, threads: 1 });
    expect([...found.classes]).toEqual([...test.labels.data].map((_, i) => likeliest(i)));
    expect(found.probabilities.shape).toEqual([45, 4]);
    found.probabilities.data.forEach((p, i) => expect(p).toBeCloseTo(probabilities.data[i]!, 5));
  });

  it("refuses what is no batch of images", async () => {
    await expect(predict(model, new NdArray("u8", [1, 8, 8]), { mean: [0], std: [1] })).rejects.toThrow(
      "predict: images must be [n, c, h, w], got [1, 8, 8]",
    );
  });
});
