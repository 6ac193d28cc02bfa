import { summary } from "../../../src/analysis/index.ts";
import { Conv2d, Flatten, Linear, ReLU, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(new Conv2d(1, 8, 3), new Flatten(), new ReLU(), new Linear(100, 10));
// @expect 3: Linear takes 100 features, but its input has 5408 (8 x 26 x 26)
summary(net, [1, 28, 28]);
