import { input } from "../../src/index.ts";
import { argmax as argmaxFn } from "../../src/ops/argmax.ts";
import { max as maxFn } from "../../src/ops/maxOver.ts";
import type { ReduceAttrs } from "../../src/ops/reduction.ts";
import { sum as sumFn } from "../../src/ops/sum.ts";
import { shapeAndAxes, shapeAndAxis } from "./arbitraries.ts";
import { type Domain, f32Input, type OpCase, type OpCases, SPECIAL } from "./opCase.ts";

const cases = (domain: Domain): readonly OpCase<ReduceAttrs>[] => [
  { inputs: [f32Input([7], domain)], attrs: { axes: [0] } },
  { inputs: [f32Input([3, 1, 5], domain)], attrs: { axes: [1] } },
  { inputs: [f32Input([2, 3, 5, 4], domain)], attrs: { axes: [2, 3] } },
  { inputs: [f32Input([2, 3, 5, 4], domain)], attrs: { axes: [0, 2] } },
  { inputs: [f32Input([2, 3, 4], domain)], attrs: { axes: [0, 1, 2] } },
];

const reduction = (fn: typeof sumFn, domain: Domain): OpCases<ReduceAttrs> => ({
  fixed: cases(domain),
  random: shapeAndAxes.map(({ shape, axes }) => ({ inputs: [f32Input(shape, domain)], attrs: { axes } })),
  wrong: {
    "an axis too many": () => fn(input("x", [2, 3]), [2]),
    "an axis before the first": () => fn(input("x", [2, 3]), [-3]),
    "an axis twice": () => fn(input("x", [2, 3]), [1, -1]),
    "an integer": () => fn(input("labels", [2], "i32"), [0]),
  },
});

export const sum: OpCases<ReduceAttrs> = reduction(sumFn, "normal");
export const max: OpCases<ReduceAttrs> = { ...reduction(maxFn, "apart"), special: SPECIAL };
export const argmax: OpCases<{ readonly axis: number }> = {
  fixed: [
    { inputs: [f32Input([1])], attrs: { axis: 0 } },
    { inputs: [f32Input([5, 10])], attrs: { axis: 1 } },
    { inputs: [f32Input([2, 3, 4])], attrs: { axis: 1 } },
  ],
  random: shapeAndAxis().map(({ shape, axis }) => ({ inputs: [f32Input(shape)], attrs: { axis } })),
  special: SPECIAL,
  wrong: {
    "an axis too many": () => argmaxFn(input("x", [2, 3]), 2),
    "an integer": () => argmaxFn(input("labels", [2], "i32")),
  },
};
