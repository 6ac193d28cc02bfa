import { summary } from "../../../src/analysis/index.ts";
import { Conv2d, MaxPool2d, ReLU, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(new Conv2d(1, 6, 5), new ReLU(), new MaxPool2d(2), new Conv2d(6, 16, 7));
// @expect 3: Conv2d: kernel 7 is larger than the input (6 x 4 x 4)
summary(net, [1, 12, 12]);
