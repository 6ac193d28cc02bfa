import fc from "fast-check";
import { input } from "../../src/index.ts";
import { COMPARE, type CompareFn } from "../../src/kernel/scalar.ts";
import { select as selectFn } from "../../src/ops/select.ts";
import { broadcastable } from "./arbitraries.ts";
import { f32Input, type OpCases, SPECIAL } from "./opCase.ts";

const FUNCTIONS = Object.keys(COMPARE) as CompareFn[];

export const select: OpCases<{ readonly fn: CompareFn }> = {
  fixed: FUNCTIONS.flatMap((fn) => [
    { inputs: [f32Input([11], "apart"), f32Input([11], "apart"), f32Input([11]), f32Input([11])], attrs: { fn } },
    { inputs: [f32Input([2, 3, 4], "apart"), f32Input([], "apart"), f32Input([3, 1]), f32Input([])], attrs: { fn } },
  ]),
  random: fc.tuple(fc.constantFrom(...FUNCTIONS), broadcastable(4)).map(([fn, all]) => ({
    inputs: all.map((shape, i) => f32Input(shape, i < 2 ? "apart" : "normal")),
    attrs: { fn },
  })),
  special: SPECIAL,
  wrong: {
    "shapes that do not broadcast": () => selectFn("gt", input("a", [2]), 0, input("then", [3]), 0),
    "integers compared": () => selectFn("eq", input("labels", [2], "i32"), 0, 1, 0),
  },
};
