import { input } from "../../../src/index.ts";
import { Conv2d, Residual } from "../../../src/nn/index.ts";
const block = new Residual(new Conv2d(8, 8, 3));
// @expect Residual: the body gives 8 x 14 x 14, but its input is 8 x 16 x 16
block.forward(input("x", [1, 8, 16, 16]));
