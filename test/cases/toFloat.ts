import { shapes } from "./arbitraries.ts";
import { f32Input, i32Input, type OpCases } from "./opCase.ts";

export const toFloat: OpCases<{}> = {
  fixed: [
    { inputs: [i32Input([9], -5, 5)], attrs: {} },
    { inputs: [{ shape: [2, 3, 4], dtype: "u8", domain: { from: 0, to: 256 } }], attrs: {} },
    { inputs: [f32Input([4])], attrs: {} },
  ],
  random: shapes().map((shape) => ({ inputs: [i32Input(shape, -(2 ** 23), 2 ** 23)], attrs: {} })),
  wrong: {},
};
