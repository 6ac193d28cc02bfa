import { input } from "../../../src/index.ts";
import { Concat, Conv2d, MaxPool2d, ReLU, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(
  ["mixed", new Concat(new Conv2d(4, 8, 1), ["deep", new Sequential(new MaxPool2d(2), new ReLU(), new Conv2d(4, 8, 5))])],
);
// @expect mixed.deep.2: Conv2d: kernel 5 is larger than the input (4 x 4 x 4)
net.forward(input("x", [1, 4, 8, 8]));
