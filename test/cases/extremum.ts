import { input } from "../../src/index.ts";
import * as ops from "../../src/ops/extremum.ts";
import { pointwiseCases } from "./arbitraries.ts";
import { f32Input, type OpCases, SPECIAL } from "./opCase.ts";

const extremum = (fn: typeof ops.maximum): OpCases<{}> => ({
  fixed: [
    { inputs: [f32Input([9], "apart"), f32Input([9], "apart")], attrs: {} },
    { inputs: [f32Input([2, 3, 5], "apart"), f32Input([3, 1], "apart")], attrs: {} },
  ],
  random: pointwiseCases("apart", "apart"),
  special: SPECIAL,
  wrong: { "shapes that do not broadcast": () => fn(input("a", [2, 3]), input("b", [2])) },
});

export const maximum: OpCases<{}> = extremum(ops.maximum);
export const minimum: OpCases<{}> = extremum(ops.minimum);
