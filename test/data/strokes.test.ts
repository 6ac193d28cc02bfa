import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { permutation, RandomStream } from "../../src/base/random.ts";
import { channelStatistics, DataError, type Dataset, slice, strokes } from "../../src/data/index.ts";

afterEach(() => vi.restoreAllMocks());

const sha256 = (data: Uint8Array | Int32Array) => createHash("sha256").update(data).digest("hex");

test("the first 1000 training images have these bits, on every machine", () => {
  const { images, labels } = strokes({ split: "train", count: 1000 });
  expect(sha256(images.data)).toBe("d1066dc5bfcbff53b3a4e5174cfb7921113bdbf718507ccbfe06ba45834ea933");
  expect([...labels.data.subarray(0, 20)].join("")).toBe("72731545797599986011");
});

test("no function is used whose last bits differ between engines", () => {
  const inexact = ["sin", "cos", "tan", "exp", "log", "log2", "log10", "pow", "cbrt", "hypot", "atan", "atan2", "tanh", "random"] as const;
  for (const name of inexact) {
    vi.spyOn(Math, name).mockImplementation(() => {
      throw new Error(`Math.${name} was called`);
    });
  }
  expect(strokes({ split: "test", count: 50 }).labels.shape).toEqual([50]);
});

test("fewer images are the first of more; seeds and splits differ", () => {
  const many = strokes({ split: "train", count: 60 });
  const few = strokes({ split: "train", count: 20 });
  expect(sha256(few.images.data)).toBe(sha256(slice(many, 0, 20).images.data));
  const others = [strokes({ split: "test", count: 20 }), strokes({ split: "train", count: 20, seed: 2 })];
  for (const other of others) expect(sha256(other.images.data)).not.toBe(sha256(few.images.data));
});

test("a count that is none is refused", () => {
  for (const count of [0, -1, 1.5, Number.NaN]) expect(() => strokes({ split: "test", count })).toThrow(DataError);
});

test("every image has ink, and its digit's ink lies inside the picture", () => {
  const { images } = strokes({ split: "test", count: 500 });
  for (let i = 0; i < 500; i++) {
    const pixels = images.data.subarray(i * 784, (i + 1) * 784);
    expect(pixels.filter((v) => v > 90).length, `image ${i}`).toBeGreaterThan(12);
    // Specks reach 0.75 of full ink plus noise; a digit cut off at the edge would be brighter than that in many pixels.
    const edge = [...pixels].filter((v, p) => v > 223 && (p < 28 || p >= 756 || p % 28 === 0 || p % 28 === 27));
    expect(edge.length, `image ${i}`).toBeLessThan(5);
  }
});

test("the sets by default: counts, balance, statistics as stated, in the time promised", () => {
  const start = process.cpuUsage();
  const train = strokes({ split: "train" });
  const validation = strokes({ split: "test" });
  const spent = process.cpuUsage(start);
  const seconds = (spent.user + spent.system) / 1e6;
  expect(train.images.shape).toEqual([12_000, 1, 28, 28]);
  expect(validation.images.shape).toEqual([2_000, 1, 28, 28]);
  const counts = new Array<number>(10).fill(0);
  for (const label of validation.labels.data) counts[label]!++;
  expect(Math.min(...counts)).toBeGreaterThan(160);
  const { mean, std } = channelStatistics(train.images);
  expect([train.mean[0], train.std[0]]).toEqual([Number(mean[0]!.toFixed(4)), Number(std[0]!.toFixed(4))]);
  // Processor time, since the machine may be busy: about 0.5 s, but a shared core can take twice that.
  expect(seconds).toBeLessThan(2);
});

test("a linear classifier stays below 90%: the set needs a convolutional network", () => {
  const train = strokes({ split: "train" });
  const weights = trainSoftmax(train, 3);
  const [fitted, accuracy] = [linearAccuracy(slice(train, 0, 2000), weights), linearAccuracy(strokes({ split: "test" }), weights)];
  console.log(`softmax regression on strokes: ${fitted} on training images, ${accuracy} on test images`);
  expect(fitted).toBeGreaterThan(0.65); // so that the bound is not met by a classifier that did not learn
  expect(accuracy).toBeGreaterThan(0.6);
  expect(accuracy).toBeLessThan(0.9);
});

const INPUTS = 785;

/** Normalised pixels and a constant one. */
function features(dataset: Dataset): Float32Array {
  const n = dataset.labels.data.length;
  const out = new Float32Array(n * INPUTS);
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < 784; p++) out[i * INPUTS + p] = (dataset.images.data[i * 784 + p]! / 255 - dataset.mean[0]!) / dataset.std[0]!;
    out[i * INPUTS + 784] = 1;
  }
  return out;
}

function logits(x: Float32Array, weights: Float32Array, i: number): number[] {
  return Array.from({ length: 10 }, (_, k) => {
    let sum = 0;
    for (let p = 0; p < INPUTS; p++) sum += weights[k * INPUTS + p]! * x[i * INPUTS + p]!;
    return sum;
  });
}

/** Stochastic gradient descent on the cross-entropy, one image at a time, with a falling step. */
function trainSoftmax(dataset: Dataset, epochs: number): Float32Array {
  const x = features(dataset);
  const n = dataset.labels.data.length;
  const weights = new Float32Array(10 * INPUTS);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = 0.001 * (1 - epoch / epochs);
    for (const i of permutation(n, new RandomStream(1, `linear/${epoch}`))) {
      const scores = logits(x, weights, i);
      const most = Math.max(...scores);
      const powers = scores.map((s) => Math.exp(s - most));
      const total = powers.reduce((a, b) => a + b, 0);
      for (let k = 0; k < 10; k++) {
        const step = rate * (powers[k]! / total - (k === dataset.labels.data[i] ? 1 : 0));
        for (let p = 0; p < INPUTS; p++) weights[k * INPUTS + p]! -= step * x[i * INPUTS + p]!;
      }
    }
  }
  return weights;
}

function linearAccuracy(dataset: Dataset, weights: Float32Array): number {
  const x = features(dataset);
  const n = dataset.labels.data.length;
  let right = 0;
  for (let i = 0; i < n; i++) {
    const scores = logits(x, weights, i);
    if (scores.indexOf(Math.max(...scores)) === dataset.labels.data[i]) right++;
  }
  return right / n;
}
