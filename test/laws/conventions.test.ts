/** PyTorch's conventions where mathematics leaves a choice: gradients at kinks and ties, NaN, empty places. */
import { describe, expect, test } from "vitest";
import { f32, grad, i32, input, type NdArray, type Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { evaluator } from "./evaluate.ts";

/** Gradients of sum(f(...)) at these values. */
function gradientsAt(f: (...x: readonly Tensor[]) => Tensor, ...values: readonly NdArray[]): number[][] {
  const xs = values.map((v, i) => input(`x${i}`, v.shape, v.dtype));
  const wrt = xs.filter((x) => x.dtype === "f32");
  const found = evaluator(xs, grad(ops.sum(f(...xs)), wrt))(values.map((v) => Float64Array.from(v.data)));
  return found.map((g) => Array.from(g, (x) => x + 0));
}

const row = (...values: number[]): NdArray => f32([values.length], values);
const image = (...values: number[]): NdArray => f32([1, 1, values.length], values);

describe("gradients at kinks and ties", () => {
  test.each<[string, number[][], number[][]]>([
    ["relu: zero at zero", gradientsAt((x) => ops.relu(x!), row(-1, 0, -0, 1)), [[0, 0, 0, 1]]],
    ["abs: zero at zero", gradientsAt((x) => ops.abs(x!), row(-2, 0, 3)), [[-1, 0, 1]]],
    ["maximum: halves for equals", gradientsAt((a, b) => ops.maximum(a!, b!), row(1, 2, 3), row(2, 2, 2)), [[0, 0.5, 1], [1, 0.5, 0]]], // biome-ignore format: one line
    ["minimum: halves for equals", gradientsAt((a, b) => ops.minimum(a!, b!), row(1, 2, 3), row(2, 2, 2)), [[1, 0.5, 0], [0, 0.5, 1]]], // biome-ignore format: one line
    ["max (amax): equal winners share", gradientsAt((x) => ops.max(x!), row(3, 1, 3, 3)), [[1 / 3, 0, 1 / 3, 1 / 3]]],
    ["max pooling: the first winner takes all", gradientsAt((x) => ops.maxPool(x!, 2), image(5, 5, 1, 2, 0, 0)), [[1, 0, 0, 1, 1, 0]]],
    ["max pooling: padding never wins", gradientsAt((x) => ops.maxPool(x!, 2, { padding: 1 }), image(-7, -8)), [[1, 1]]],
    ["select: none through the comparison", gradientsAt((a, b) => ops.select("gt", a!, 0, b!, a!), row(1, -1), row(5, 6)), [[0, 1], [1, 0]]], // biome-ignore format: one line
    ["pick: none outside", gradientsAt((x, i) => ops.pick(x!, i!, 0), f32([2, 3], [1, 2, 3, 4, 5, 6]), i32([3], [1, -1, 2])), [[0, 0, 0, 1, 0, 0]]], // biome-ignore format: one line
    ["detach: none", gradientsAt((x) => ops.mul(x!, ops.detach(x!)), row(3)), [[3]]],
    ["what the loss does not depend on: zero", gradientsAt((a) => ops.neg(a!), row(1, 2), row(3, 4)), [[-1, -1], [0, 0]]], // biome-ignore format: one line
    ["a tensor used twice: both parts", gradientsAt((x) => ops.add(ops.mul(x!, x!), x!), row(3)), [[7]]],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe("values", () => {
  const valueAt = (f: (x: Tensor) => Tensor, x: NdArray): number[] => {
    const t = input("x", x.shape);
    return [...evaluator([t], [f(t)])([Float64Array.from(x.data)])[0]!];
  };
  const nan = Number.NaN;
  test.each<[string, number[], number[]]>([
    ["argmax: the first of equals", valueAt((x) => ops.argmax(x), row(1, 3, 3)), [1]],
    ["argmax: NaN wins", valueAt((x) => ops.argmax(x), row(9, nan, 3, nan)), [1]],
    ["max: NaN wins", valueAt((x) => ops.max(x), row(9, nan, 3)), [nan]],
    ["max pooling: NaN wins", valueAt((x) => ops.maxPool(x, 2), image(1, nan, 2, 3)), [nan, 3]],
    ["relu: NaN stays", valueAt((x) => ops.relu(x), row(nan, -1)), [nan, 0]],
    ["average pooling counts padding", valueAt((x) => ops.avgPool(x, 2, { padding: 1 }), image(4, 6)), [2, 3]],
    ["softmax of large scores", valueAt((x) => ops.softmax(x), row(1000, 1000)), [0.5, 0.5]],
    ["logSoftmax of far scores", valueAt((x) => ops.logSoftmax(x), row(1000, 0)), [0, -1000]],
    ["sigmoid far out", valueAt((x) => ops.sigmoid(x), row(-1000, 1000)), [0, 1]],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});
