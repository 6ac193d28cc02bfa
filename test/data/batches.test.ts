import fc from "fast-check";
import { expect, test } from "vitest";
import { batches, epochOrder, gather, strokes } from "../../src/data/index.ts";

test("an epoch's order is a permutation that depends on seed and epoch alone", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat({ max: 1000 }), (n, seed, epoch) => {
      const order = epochOrder(n, seed, epoch);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(epochOrder(n, seed, epoch)).toEqual(order);
    }),
  );
  expect([...epochOrder(10, 1, 0)]).toEqual([1, 5, 4, 0, 6, 3, 7, 9, 2, 8]);
  expect(epochOrder(100, 1, 1)).not.toEqual(epochOrder(100, 1, 0));
  expect(epochOrder(100, 2, 0)).not.toEqual(epochOrder(100, 1, 0));
});

test("batches cover the order; the last may be short", () => {
  const order = epochOrder(10, 1, 0);
  const parts = [...batches(order, 4)];
  expect(parts.map((part) => part.length)).toEqual([4, 4, 2]);
  expect(parts.flatMap((part) => [...part])).toEqual([...order]);
  for (const size of [0, 1.5, Number.NaN]) expect(() => [...batches(order, size)]).toThrow(RangeError);
});

test("gather copies rows into buffers that may be longer", () => {
  const dataset = strokes({ split: "test", count: 5 });
  const images = new Uint8Array(4 * 784).fill(255);
  const labels = new Int32Array(4).fill(-1);
  gather(dataset, Int32Array.of(4, 0, 4), images, labels);
  for (const [row, index] of [4, 0, 4].entries()) {
    expect(images.subarray(row * 784, (row + 1) * 784)).toEqual(dataset.images.data.subarray(index * 784, (index + 1) * 784));
    expect(labels[row]).toBe(dataset.labels.data[index]);
  }
  expect([labels[3], images[3 * 784]]).toEqual([-1, 255]);
  expect(() => gather(dataset, Int32Array.of(5), images, labels)).toThrow("image 5 of strokes test does not exist");
  expect(() => gather(dataset, new Int32Array(5), images, labels)).toThrow("no room");
});
