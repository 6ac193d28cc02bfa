import { summary } from "../../../src/analysis/index.ts";
import { Conv2d, Linear, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(new Conv2d(1, 16, 5), new Linear(9216, 10));
// @expect 1: Linear takes 9216 features, but its input is 16 x 24 x 24. Put a Flatten before it
summary(net, [1, 28, 28]);
