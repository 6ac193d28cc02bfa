import { Conv2d } from "../../../src/nn/index.ts";
// @expect padding same needs stride 1, got 2
export const c = new Conv2d(64, 128, 3, { stride: 2, padding: "same" });
