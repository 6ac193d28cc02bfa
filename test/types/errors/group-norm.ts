import { GroupNorm } from "../../../src/nn/index.ts";
// @expect numGroups must divide 10 channels, got 3
export const layer = new GroupNorm(3, 10);
