import { summary } from "../../../src/analysis/index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(
  new Conv2d(1, 6, 5), new ReLU(), new MaxPool2d(2),
  new Conv2d(6, 16, 5), new ReLU(), new MaxPool2d(2),
  new Flatten(), new Linear(400, 120), new ReLU(), new Linear(120, 10),
);
// @expect 7: Linear takes 400 features, but its input has 256 (16 x 4 x 4)
summary(net, [1, 28, 28]);
