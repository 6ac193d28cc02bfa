import { Conv2d } from "../../../src/nn/index.ts";
// @expect groups must divide 64 channels in and 128 out, got 3
export const c = new Conv2d(64, 128, 3, { groups: 3 });
