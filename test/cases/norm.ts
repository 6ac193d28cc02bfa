import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { batchNorm, batchStatistics } from "../../src/ops/batchNorm.ts";
import { groupNorm, instanceNorm } from "../../src/ops/groupNorm.ts";
import { layerNorm } from "../../src/ops/layerNorm.ts";
import { localResponseNorm } from "../../src/ops/localResponseNorm.ts";
import { int, shapeAndAxes, shapes } from "./arbitraries.ts";
import { f32Input, type OpCase, type OpCases } from "./opCase.ts";

type Deviation = { readonly axes: readonly number[]; readonly atMean: boolean };

// Positive, so that the sum of what rounding can do is the sum itself. Means that are none: atMean is a promise of the caller.
const deviation = (shape: Shape, axes: readonly number[]): OpCase<Deviation> => ({
  inputs: [
    f32Input(shape, "positive"),
    f32Input(
      shape.map((extent, d) => (axes.includes(d) ? 1 : extent)),
      "positive",
    ),
  ],
  attrs: { axes, atMean: false },
});

export const squaredDeviation: OpCases<Deviation> = {
  fixed: [deviation([7], [0]), deviation([3, 4, 5, 6], [0, 2, 3]), deviation([2, 5, 4], [2]), deviation([2, 3], [])],
  random: shapeAndAxes.map(({ shape, axes }) => deviation(shape, axes)),
  wrong: {
    "batchNorm: no channels": () => batchStatistics(input("x", [4])).mean,
    "batchNorm: one value per channel": () => batchStatistics(input("x", [1, 3, 1, 1])).mean,
    "batchNorm: a mean of another size": () =>
      batchNorm(input("x", [2, 3, 4]), { mean: input("mean", [4]), variance: input("variance", [3]) }),
    "batchNorm: a weight of another size": () =>
      batchNorm(input("x", [2, 3]), { mean: input("mean", [3]), variance: input("variance", [3]) }, { weight: input("weight", [1]) }),
    "groupNorm: groups that do not divide the channels": () => groupNorm(input("x", [2, 6, 4]), 4),
    "instanceNorm: one value per channel": () => instanceNorm(input("x", [2, 6, 1, 1])),
    "layerNorm: another shape": () => layerNorm(input("x", [2, 6, 4]), [6]),
    "layerNorm: a bias of another shape": () => layerNorm(input("x", [2, 6, 4]), [6, 4], { bias: input("bias", [4]) }),
  },
};

// Means below all values, and the rest positive, so that nothing cancels and a few roundings are all there is.
const standard = (x: Shape, statistics: Shape, affine?: Shape): OpCase<{}> => ({
  inputs: [
    f32Input(x, "positive"),
    f32Input(statistics, { from: -4, to: 0 }),
    f32Input(statistics, "positive"),
    ...(affine ? [f32Input(affine, "positive"), f32Input(affine, "positive")] : []),
  ],
  attrs: {},
});

export const standardize: OpCases<{}> = {
  fixed: [
    standard([2, 3, 4, 5], [1, 3, 1, 1], [3, 1, 1]),
    standard([2, 3, 4], [2, 1, 1], [3, 4]),
    standard([2, 3, 4], [2, 3, 1], [3, 1]),
    standard([4, 5], [1, 5]),
    standard([3], [], []),
  ],
  random: fc
    .tuple(shapes(1, 4), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4), fc.boolean())
    .map(([x, ones, from, affine]) => {
      const statistics = x.map((extent, d) => (ones[d] ? 1 : extent));
      return standard(x, statistics, affine ? x.slice(Math.min(from, x.length)) : undefined);
    }),
  wrong: {},
};

const sums = (shape: Shape, before: number, after: number): OpCase<{ readonly before: number; readonly after: number }> => ({
  inputs: [f32Input(shape)],
  attrs: { before, after },
});

export const channelSum: OpCases<{ readonly before: number; readonly after: number }> = {
  fixed: [sums([2, 9, 3, 4], 2, 2), sums([1, 3], 2, 1), sums([2, 5, 7], 0, 0), sums([1, 2, 3], 4, 3)],
  random: fc.tuple(shapes(2, 4), int(0, 3), int(0, 3)).map((all) => sums(...all)),
  wrong: {
    "localResponseNorm: no neighbours": () => localResponseNorm(input("x", [2, 3]), 0),
    "localResponseNorm: no channels": () => localResponseNorm(input("x", [2]), 3),
  },
};
