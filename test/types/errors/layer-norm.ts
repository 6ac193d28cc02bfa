import { input } from "../../../src/index.ts";
import { LayerNorm } from "../../../src/nn/index.ts";
// @expect LayerNorm takes 8 x 4 x 4 as last axes, but its input is 8 x 5 x 5
new LayerNorm([8, 4, 4]).forward(input("x", [1, 8, 5, 5]));
