import { expect, test } from "vitest";
import { i32, NdArray } from "../../src/base/ndarray.ts";
import { channelStatistics, checkDataset, countOf, DataError, type DataFault, type Dataset, slice } from "../../src/data/index.ts";

const pixels = (n: number) =>
  new NdArray(
    "u8",
    [n, 2, 1, 2],
    Uint8Array.from({ length: 4 * n }, (_, i) => i),
  );
const toy = (change: Partial<Dataset> = {}): Dataset => ({
  name: "toy train",
  images: pixels(3),
  labels: i32([3], [0, 1, 0]),
  classes: ["cat", "dog"],
  imageShape: [2, 1, 2],
  mean: [0.5, 0.5],
  std: [0.2, 0.2],
  ...change,
});

function expectFault(run: () => unknown, fault: DataFault, message: string): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toBe(message);
    expect((error as DataError).fault).toBe(fault);
    return;
  }
  expect.unreachable(`should have failed with: ${message}`);
}

test("a whole data set passes", () => {
  const dataset = toy();
  expect(checkDataset(dataset)).toBe(dataset);
  expect(countOf(dataset)).toBe(3);
});

test("each way to be wrong has one clear error", () => {
  expectFault(
    () => checkDataset(toy({ labels: i32([3], [0, 2, 0]) })),
    "label",
    "toy train: the label of image 1 must be 0 to 1, got 2. The file is damaged or belongs to another data set.",
  );
  expectFault(
    () => checkDataset(toy({ labels: i32([3], [0, -1, 0]) }), { images: "a.idx", labels: "b.idx" }),
    "label",
    "b.idx: the label of image 1 must be 0 to 1, got -1. The file is damaged or belongs to another data set.",
  );
  expectFault(
    () => checkDataset(toy({ labels: i32([2], [0, 1]) }), { images: "a.idx", labels: "b.idx" }),
    "count",
    "b.idx: 3 images in a.idx need 3 labels, got [2]. Take both from the same part of the data set.",
  );
  expectFault(
    () => checkDataset(toy({ imageShape: [1, 2, 2] })),
    "shape",
    "toy train: images must be [n, 1, 2, 2], got [3, 2, 1, 2]. Reshape them.",
  );
  expectFault(
    () => checkDataset(toy({ std: [0.2, 0] })),
    "shape",
    "toy train: std must be positive numbers, one for each of 2 channels, got [0.2, 0]. Take them from channelStatistics.",
  );
  expectFault(
    () => checkDataset(toy({ mean: [0.2] })),
    "shape",
    "toy train: mean must be numbers, one for each of 2 channels, got [0.2]. Take them from channelStatistics.",
  );
});

test("a slice shares memory, keeps everything else, and stays within bounds", () => {
  const dataset = toy();
  const part = slice(dataset, 1, 3);
  expect(part.images.shape).toEqual([2, 2, 1, 2]);
  expect([...part.images.data]).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  expect([...part.labels.data]).toEqual([1, 0]);
  expect(part.images.data.buffer).toBe(dataset.images.data.buffer);
  expect(part.classes).toBe(dataset.classes);
  expect(countOf(slice(dataset, 3))).toBe(0);
  expectFault(() => slice(dataset, 2, 4), "shape", "toy train: slice must lie within 0 to 3, got 2 to 4. Ask for fewer images.");
  for (const [from, to] of [
    [-1, 2],
    [2, 1],
    [0.5, 2],
  ] as const)
    expect(() => slice(dataset, from, to)).toThrow(DataError);
});

test("statistics per channel, of pixels in 0..1", () => {
  const images = new NdArray("u8", [2, 2, 1, 2], new Uint8Array([0, 255, 51, 51, 255, 0, 102, 102]));
  const { mean, std } = channelStatistics(images);
  expect(mean[0]).toBeCloseTo(0.5, 12);
  expect(std[0]).toBeCloseTo(0.5, 12);
  expect(mean[1]).toBeCloseTo(0.3, 12);
  expect(std[1]).toBeCloseTo(0.1, 12);
});
