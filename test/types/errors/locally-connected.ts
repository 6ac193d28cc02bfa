import { input } from "../../../src/index.ts";
import { LocallyConnected2d } from "../../../src/nn/index.ts";
// @expect LocallyConnected2d takes 1 x 28 x 28, but its input is 1 x 32 x 32
new LocallyConnected2d(1, 4, 28, 5).forward(input("x", [1, 1, 32, 32]));
