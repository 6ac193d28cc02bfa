import { input } from "../../../src/index.ts";
import { AvgPool2d, Concat, Conv2d } from "../../../src/nn/index.ts";
// Without a name a branch is called by its number.
const both = new Concat(["", new Conv2d(4, 8, 1)], ["pool", new AvgPool2d(2)]);
// @expect Concat: pool gives 4 x 4 x 4, but 0 gives 8 x 8 x 8
both.forward(input("x", [2, 4, 8, 8]));
