import { describe, expect, test } from "vitest";
import { NdArray } from "../../src/base/ndarray.ts";
import { countOf } from "../../src/data/dataset.ts";
import { strokes } from "../../src/data/strokes.ts";
import { BlurPool } from "../../src/experiments/lab/blurPool.ts";
import { sequence } from "../../src/experiments/lab/classifier.ts";
import { deepNet } from "../../src/experiments/lab/deepNet.ts";
import { gradientsOf } from "../../src/experiments/lab/gradients.ts";
import { Lab, type LabProgress, wholeEpochs } from "../../src/experiments/lab/lab.ts";
import { MARK_TASKS, markImages } from "../../src/experiments/lab/markTasks.ts";
import { framed, resized } from "../../src/experiments/lab/resized.ts";
import { directions, shifted } from "../../src/experiments/lab/shifted.ts";
import { firstImages, someImages } from "../../src/experiments/lab/someImages.ts";
import { stageChanges } from "../../src/experiments/lab/stageChanges.ts";
import { Stopped } from "../../src/experiments/lab/stopped.ts";
import { orderWithin, reordered } from "../../src/experiments/permutedPixels.ts";
import { Flatten } from "../../src/nn/layers/flatten.ts";
import { Linear } from "../../src/nn/layers/linear.ts";
import { compile } from "../../src/runtime/compile.ts";
import { wasm } from "../../src/runtime/wasm.ts";

const backend = wasm({ threads: 1 });
const lab = new Lab({ seed: 1, quick: true, backend });
const digits = strokes({ split: "train", count: 30 });

/** Bytes 1, 2, 3, ... in the shape [1, 1, height, width]. */
const counting = (height: number, width: number): NdArray<"u8"> =>
  new NdArray(
    "u8",
    [1, 1, height, width],
    Uint8Array.from({ length: height * width }, (_, i) => i + 1),
  );

describe("permutations", () => {
  test.each([1, 2, 4, 5, 9])("within squares of %i: every pixel once, none leaves its square, and the seed decides", (side) => {
    const order = orderWithin(9, 7, side, 3);
    expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
    order.forEach((from, to) => {
      const square = (p: number) => [Math.floor(Math.floor(p / 7) / side), Math.floor((p % 7) / side)];
      expect(square(from)).toEqual(square(to));
    });
    expect([...order].every((from, to) => from === to)).toBe(side === 1);
    expect(orderWithin(9, 7, side, 3)).toEqual(order);
    if (side > 2) expect(orderWithin(9, 7, side, 4)).not.toEqual(order);
  });

  test("all images are permuted alike, and labels stay", () => {
    const order = orderWithin(28, 28, 28, 1);
    const mixed = reordered(digits, order);
    for (const image of [0, 7, 29]) {
      for (const p of [0, 300, 783]) expect(mixed.images.data[image * 784 + p]).toBe(digits.images.data[image * 784 + order[p]!]);
    }
    expect(mixed.labels).toBe(digits.labels);
  });
});

describe("marks", () => {
  test.each(MARK_TASKS)("%s: both answers, a margin of 4 pixels, and the label is what stands there", (task) => {
    const data = markImages(task, 200, 5, "train");
    const ones = data.labels.data.reduce((n, k) => n + k, 0);
    expect(ones).toBeGreaterThan(70);
    expect(ones).toBeLessThan(130);
    for (let i = 0; i < countOf(data); i++) {
      const at = (y: number, x: number): boolean => data.images.data[i * 576 + y * 24 + x]! === 220;
      const ink: (readonly [number, number])[] = [];
      for (let y = 0; y < 24; y++) for (let x = 0; x < 24; x++) if (at(y, x)) ink.push([y, x]);
      for (const [y, x] of ink) expect(Math.min(y, x, 23 - y, 23 - x)).toBeGreaterThanOrEqual(4);
      // A cross has ink at its centre, a diamond has none: nine pixels against eight.
      const kinds = [ink.filter(([, x]) => x < 12), ink.filter(([, x]) => x >= 12)].map((half) => (half.length === 9 ? 0 : 1));
      const label = data.labels.data[i]!;
      if (task === "kind") expect(ink.length === 9 ? 0 : 1).toBe(label);
      if (task === "order") expect(kinds).toEqual([label, 1 - label]);
      if (task === "equal") expect(kinds[0] === kinds[1] ? 0 : 1).toBe(label);
      if (task === "place") {
        const left = Math.min(...ink.map(([, x]) => x));
        expect(left < 10 ? 0 : 1).toBe(label);
      }
    }
  });

  test("training and test images are others", () => {
    expect(markImages("kind", 3, 1, "train").images.data).not.toEqual(markImages("kind", 3, 1, "test").images.data);
  });
});

describe("images moved, framed and resized", () => {
  test("a shift brings zeros in", () => {
    expect([...shifted(counting(2, 3), 0, 1).data]).toEqual([0, 1, 2, 0, 4, 5]);
    expect([...shifted(counting(2, 3), 0, -2).data]).toEqual([3, 0, 0, 6, 0, 0]);
    expect([...shifted(counting(2, 3), 1, 0).data]).toEqual([0, 0, 0, 1, 2, 3]);
    expect([...shifted(counting(2, 3), -1, 1).data]).toEqual([0, 4, 5, 0, 0, 0]);
    expect(directions(0)).toEqual([[0, 0]]);
    expect(directions(2)).toHaveLength(4);
  });

  test("a frame is zeros around the image", () => {
    expect([...framed(counting(2, 2), 4, 4).data]).toEqual([0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0]);
  });

  test("a constant image stays constant at any size", async () => {
    const flat = new NdArray("u8", [3, 1, 6, 5], new Uint8Array(90).fill(77));
    const larger = await resized(lab, flat, 9, 11);
    expect(larger.shape).toEqual([3, 1, 9, 11]);
    expect(larger.data.every((v) => v === 77)).toBe(true);
    expect(await resized(lab, flat, 6, 5)).toBe(flat);
  });

  test("a subset has no image twice, and another seed draws others", () => {
    const marked = {
      ...digits,
      labels: new NdArray(
        "i32",
        [30],
        Int32Array.from({ length: 30 }, (_, i) => i % 10),
      ),
    };
    const own = someImages(marked, 12, 1);
    expect(countOf(own)).toBe(12);
    const bytes = (k: number): string => own.images.data.subarray(k * 784, (k + 1) * 784).join();
    expect(new Set(Array.from({ length: 12 }, (_, k) => bytes(k))).size).toBe(12);
    expect(someImages(marked, 12, 2).images.data).not.toEqual(own.images.data);
    expect(someImages(marked, 99, 2)).toBe(marked);
  });
});

describe("layers and measures", () => {
  test("a blurred stride keeps constants, and halves", async () => {
    const program = await compile(backend, { x: [1, 2, 8, 8] }, ({ x }) => new BlurPool().forward(x));
    const { output } = await program.run({ x: new Float32Array(128).fill(1) });
    expect(output.shape).toEqual([1, 2, 4, 4]);
    expect([5, 6, 9, 10].map((i) => output.data[i])).toEqual([1, 1, 1, 1]);
    // The corner sees 9 of 16 parts: the rest are zeros around the image.
    expect(output.data[0]).toBe(9 / 16);
  });

  test("a stage changes by nothing for the same images, and by as much as its input where it is the identity up to scale", async () => {
    const stages = [{ name: "flat", layers: [new Flatten()] }];
    const images = digits.images;
    const pixels = { mean: [0], std: [1] };
    const doubled = new NdArray(
      "u8",
      images.shape,
      images.data.map((v) => v >> 1),
    );
    const halved = new NdArray(
      "u8",
      images.shape,
      doubled.data.map((v) => v * 2),
    );
    const [same, other] = await stageChanges(lab, stages, pixels, halved, [halved, doubled]);
    expect(same).toEqual([0]);
    expect(other![0]).toBeCloseTo(0.5, 6);
  });

  test("gradient norms are those of the formula", async () => {
    const layer = new Linear(784, 10);
    const model = sequence(new Flatten(), layer);
    layer.weight.write(new NdArray("f32", [10, 784]));
    layer.bias!.write(new NdArray("f32", [10]));
    const norms = await gradientsOf(lab, model, digits);
    // Zero weights: every class has probability 0.1, so the gradient by the bias is the mean of 0.1 - [own class].
    const bias = Array.from({ length: 10 }, (_, k) => 0.1 - digits.labels.data.filter((label) => label === k).length / 30);
    expect(norms.get("1.bias")).toBeCloseTo(Math.sqrt(bias.reduce((sum, b) => sum + b * b, 0)), 6);
    expect([...norms.keys()]).toEqual(["1.weight", "1.bias"]);
  });

  test("deep networks that differ in their ways around or their heads start with the same convolutions", () => {
    const options = { depth: 6, batchNorm: false, init: "default", seed: 3 } as const;
    const weights = (net: ReturnType<typeof deepNet>): number[][] =>
      net.weights.map((name) => [...net.model.namedStates().get(name)!.read().data]);
    const plain = weights(deepNet(digits, { ...options, residual: false }));
    expect(plain).toHaveLength(6);
    expect(weights(deepNet(digits, { ...options, residual: true }))).toEqual(plain);
    expect(weights(deepNet(digits, { ...options, residual: false, heads: [1] }))).toEqual(plain);
    expect(weights(deepNet(digits, { ...options, residual: false, seed: 4 }))).not.toEqual(plain);
    const he = weights(deepNet(digits, { ...options, residual: false, init: "he" })).flat();
    expect(he.reduce((sum, w) => sum + w * w, 0) / he.length).toBeCloseTo(2 / 108, 2);
  });
});

describe("the lab", () => {
  test("shows how far it is, from nothing to the last job", async () => {
    const seen: LabProgress[] = [];
    const watched = new Lab({ seed: 1, quick: true, backend, onProgress: (p) => void seen.push(p) });
    const results = await watched.each(
      [1, 2, 3],
      (job) => `job ${job}`,
      async (job) => {
        watched.within(0.5);
        return 2 * job;
      },
      (job) => job,
    );
    expect(results).toEqual([2, 4, 6]);
    expect(seen.map(({ share }) => share * 6)).toEqual([0, 0.5, 1, 2, 3, 4.5]);
    expect(seen.at(-1)).toMatchObject({ job: "job 3", number: 3, jobs: 3 });
  });

  test("stops between jobs and between steps", async () => {
    const controller = new AbortController();
    const stopped = new Lab({ data: { train: digits, test: digits }, seed: 1, quick: true, backend, signal: controller.signal });
    const model = sequence(new Flatten(), new Linear(784, 10));
    const training = stopped.train(model, { train: digits, seed: 1, steps: 100_000, batchSize: 10, onEpoch: () => controller.abort() });
    await expect(training).rejects.toBeInstanceOf(Stopped);
    await expect(stopped.each([1], String, async () => 1)).rejects.toBeInstanceOf(Stopped);
  });

  test("a loss that is no number ends the training and is told, not thrown", async () => {
    const model = sequence(new Flatten(), new Linear(784, 10));
    const { diverged, losses } = await lab.train(model, { train: digits, seed: 1, steps: 60, batchSize: 10, lr: 3e38 });
    expect(diverged).toBe(true);
    expect(losses.at(-1)).toBeNaN();
  });

  test.each([
    [30, 25, 10, 24],
    [30, 1, 10, 3],
    [5, 7, 32, 7],
    [4000, 700, 32, 750],
  ])("%i images: %i steps in batches of %i are %i in whole epochs", (images, steps, batch, whole) => {
    expect(wholeEpochs(images, steps, batch)).toBe(whole);
    expect(wholeEpochs(images, whole, batch)).toBe(whole);
  });

  test("a training has as many steps as whole epochs have", async () => {
    const { losses } = await lab.train(sequence(new Flatten(), new Linear(784, 10)), { train: digits, seed: 1, steps: 7, batchSize: 10 });
    expect(losses).toHaveLength(wholeEpochs(30, 7, 10));
  });

  test("accuracies are shares of right answers", async () => {
    const model = sequence(new Flatten(), new Linear(784, 10));
    model.initialize(1);
    const [classes] = await lab.classes(model, digits, [digits.images]);
    const right = [...classes!].filter((k, i) => k === digits.labels.data[i]).length;
    expect(await lab.accuracies(model, digits, firstImages(digits, 30))).toEqual([right / 30, right / 30]);
  });
});
