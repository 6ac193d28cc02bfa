import { input } from "../../../src/index.ts";
import { AdaptiveMaxPool2d } from "../../../src/nn/index.ts";
// @expect AdaptiveMaxPool2d takes channels x height x width, but its input is 8 x 5
new AdaptiveMaxPool2d(3).forward(input("x", [1, 8, 5]));
