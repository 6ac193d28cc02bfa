import { summary } from "../../../src/analysis/index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Residual, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(
  ["features", new Sequential(
    new Conv2d(3, 16, 3), new ReLU(), new MaxPool2d(2),
    new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2),
    new Residual(new Conv2d(32, 32, 3, { padding: 1 })), new ReLU(),
    new Conv2d(32, 64, 3), new ReLU(),
  )],
  ["flatten", new Flatten()],
  ["fc1", new Linear(1600, 64)],
  ["fc2", new Linear(64, 10)],
);
// @expect fc1: Linear takes 1600 features, but its input has 1024 (64 x 4 x 4)
summary(net, [3, 32, 32]);
