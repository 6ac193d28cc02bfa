import { summary } from "../../../src/analysis/index.ts";
import { Concat, Conv2d, MaxPool2d, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(
  new Conv2d(3, 64, 3, { padding: 1 }),
  new Concat(
    ["branch1", new Conv2d(64, 32, 1)],
    ["branch3", new Conv2d(64, 64, 3)],
    ["pool", new MaxPool2d(3, { stride: 1, padding: 1 })],
  ),
);
// @expect 1: Concat: branch3 gives 64 x 26 x 26, but branch1 gives 32 x 28 x 28
summary(net, [3, 28, 28]);
