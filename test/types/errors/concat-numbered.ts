import { input } from "../../../src/index.ts";
import { Concat, Conv2d, Identity } from "../../../src/nn/index.ts";
const both = new Concat(new Identity(), new Conv2d(4, 8, 3, { padding: 1 }), new Conv2d(4, 8, [5, 3], { padding: 1 }));
// @expect Concat: 2 gives 8 x 7 x 9, but 0 gives 4 x 9 x 9
both.forward(input("x", [2, 4, 9, 9]));
