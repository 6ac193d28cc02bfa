import { input } from "../../src/index.ts";
import * as ops from "../../src/ops/arithmetic.ts";
import { pointwiseCases } from "./arbitraries.ts";
import { type Domain, f32Input, type OpCase, type OpCases, SPECIAL } from "./opCase.ts";

const pairs = (b: Domain = "normal"): readonly OpCase<{}>[] => [
  { inputs: [f32Input([]), f32Input([], b)], attrs: {} },
  { inputs: [f32Input([7]), f32Input([7], b)], attrs: {} },
  { inputs: [f32Input([2, 3, 5, 5]), f32Input([3, 1, 1], b)], attrs: {} },
  { inputs: [f32Input([3, 1, 4]), f32Input([5, 1], b)], attrs: {} },
];

const binary = (fn: typeof ops.add, b: Domain = "normal"): OpCases<{}> => ({
  fixed: pairs(b),
  random: pointwiseCases("normal", b),
  special: SPECIAL,
  wrong: {
    "shapes that do not broadcast": () => fn(input("a", [2, 3]), input("b", [4, 3])),
    "an integer": () => fn(input("a", [2]), input("labels", [2], "i32")),
  },
});

export const add: OpCases<{}> = binary(ops.add);
export const sub: OpCases<{}> = binary(ops.sub);
export const mul: OpCases<{}> = binary(ops.mul);
export const div: OpCases<{}> = binary(ops.div, "nonzero");
export const neg: OpCases<{}> = {
  fixed: [
    { inputs: [f32Input([])], attrs: {} },
    { inputs: [f32Input([3, 5])], attrs: {} },
  ],
  random: pointwiseCases("normal"),
  special: SPECIAL,
  wrong: { "an integer": () => ops.neg(input("labels", [2], "i32")) },
};
