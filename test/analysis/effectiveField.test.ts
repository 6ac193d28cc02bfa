/** What a whole network looks at, and what it listens to. */
import { expect, test } from "vitest";
import { coverage } from "../../src/analysis/geometry/coverage.ts";
import { inputCoverage } from "../../src/analysis/geometry/inputCoverage.ts";
import { effectiveField } from "../../src/analysis/receptiveField/effectiveField.ts";
import { fieldOf } from "../../src/analysis/receptiveField/fieldOf.ts";
import { f32, OpError, reference } from "../../src/index.ts";
import { lenet5 } from "../../src/models/index.ts";
import * as nn from "../../src/nn/index.ts";

test("coverage of one layer is that of its window", () => {
  for (const options of [{}, { padding: 1 }, { stride: 3 }, { stride: 2, dilation: 2, padding: 2 }]) {
    const net = new nn.Sequential(new nn.Conv2d(1, 2, 3, options), new nn.ReLU());
    const { counts, range } = inputCoverage(net, [1, 9, 8]);
    const expected = coverage([9, 8], { kernel: 3, ...options });
    expect(counts).toEqual(expected.counts);
    expect(range).toEqual(expected.range);
  }
});

test("coverage of a network counts the units that see each pixel; strides add up to skip some", () => {
  const net = new nn.Sequential(new nn.Conv2d(1, 2, 3, { stride: 2 }), new nn.Conv2d(2, 2, 2, { stride: 3 }));
  const { counts, units, skipped, range } = inputCoverage(net, [1, 17, 19]);
  const boxes = [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => fieldOf(net, [1, 17, 19], "1", [y, x])));
  expect(units).toBe(9);
  counts.data.forEach((count, i) => {
    const at = [Math.floor(i / 19), i % 19];
    expect(count).toBe(boxes.filter((b) => b.pixels.every((p, d) => p.includes(at[d]!))).length);
  });
  expect(skipped.length).toBe(counts.data.filter((c) => c === 0).length);
  expect(skipped).toContainEqual([5, 0]);
  expect(range[0]).toBe(0);
  expect(inputCoverage(net, [1, 17, 19], { layer: "0" }).range).toEqual([1, 4]);
  expect(() => inputCoverage(net, [1, 17, 19], { layer: "7" })).toThrow(OpError);
});

test("everything is seen by all scores", () => {
  expect(inputCoverage(lenet5(), [1, 28, 28]).range).toEqual([1, 1]);
});

/** `depth` convolutions 3 x 3 with equal weights and nothing between them. */
function box(depth: number): nn.Sequential<nn.Module[]> {
  const layers = Array.from({ length: depth }, () => new nn.Conv2d(1, 1, 3, { padding: 1, bias: false }));
  for (const l of layers) l.weight.write(f32([1, 1, 3, 3], new Float32Array(9).fill(1 / 9)));
  return new nn.Sequential(...(layers as nn.Module[])) as nn.Sequential<nn.Module[]>;
}

test("equal weights: a box convolved with itself, whose spread grows as the root of the depth", async () => {
  for (const depth of [1, 2, 4]) {
    const found = await effectiveField(box(depth), [1, 21, 21] as never, { draws: 2, backend: reference() });
    // The variance of n uniform steps of -1, 0, 1 is 2 n / 3.
    for (const s of found.std) expect(s).toBeCloseTo(Math.sqrt((2 * depth) / 3), 5);
    expect(found.center.map((c) => Math.round(1e4 * c) / 1e4)).toEqual([10, 10]);
    expect(found.field).toEqual({ start: [10 - depth, 10 - depth], end: [11 + depth, 11 + depth] });
    expect(found.map.data.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    if (depth === 1) expect([found.area, found.areaFraction]).toEqual([9, 1]);
    if (depth === 4) expect(found.areaFraction).toBeLessThan(0.7);
  }
});

test("random weights: gradients stay within the receptive field, and the backends agree", async () => {
  const net = new nn.Sequential(
    new nn.Conv2d(2, 4, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(4, 3, 3),
  ).initialize(3);
  const options = { layer: "3", unit: [2, 1], draws: 11, seed: 4 };
  const [fast, plain] = [
    await effectiveField(net, [2, 16, 16], options),
    await effectiveField(net, [2, 16, 16], { ...options, backend: reference() }),
  ];
  fast.map.data.forEach((v, i) => {
    expect(Math.abs(v - plain.map.data[i]!)).toBeLessThan(1e-6);
    const [y, x] = [Math.floor(i / 16), i % 16];
    const isInside = [y, x].every((p, d) => p >= fast.field.start[d]! && p < fast.field.end[d]!);
    if (!isInside) expect(v).toBe(0);
  });
  expect(fast.areaFraction).toBeGreaterThan(0);
  await expect(effectiveField(net, [2, 16, 16], { layer: "3", unit: [9, 9] })).rejects.toThrow(/unit must be a place/);
  await expect(effectiveField(net, [2, 16, 16], { images: f32([1, 2, 4, 4], new Float32Array(32)) })).rejects.toThrow(/images must be/);
});
