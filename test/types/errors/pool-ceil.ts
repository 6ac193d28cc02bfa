import { input } from "../../../src/index.ts";
import { MaxPool2d } from "../../../src/nn/index.ts";
// @expect MaxPool2d: kernel 6 is larger than the input (8 x 3 x 3)
new MaxPool2d(6, { stride: 2, ceilMode: true }).forward(input("x", [1, 8, 3, 3]));
