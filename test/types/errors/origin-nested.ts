import { summary } from "../../../src/analysis/index.ts";
import { AvgPool2d, Conv2d, Flatten, Linear, Sequential, Tanh } from "../../../src/nn/index.ts";
const net = new Sequential(
  ["features", new Sequential(new Conv2d(1, 6, 5, { padding: 2 }), new Tanh(), new AvgPool2d(2))],
  ["flatten", new Flatten()],
  ["classifier", new Sequential(new Linear(1176, 100), new Tanh(), new Linear(100, 10))],
);
// @expect classifier.0: Linear takes 1176 features, but its input has 1536 (6 x 16 x 16)
summary(net, [1, 32, 32]);
