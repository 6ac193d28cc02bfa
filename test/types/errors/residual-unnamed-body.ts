import { Conv2d, MaxPool2d, Residual, Sequential } from "../../../src/nn/index.ts";
const block = new Residual(["", new Sequential(["pool", new MaxPool2d(2)], ["conv1", new Conv2d(8, 8, 3)])]);
export const net = new Sequential(
  new Conv2d(3, 16, 3),
  // @expect conv1: Conv2d takes 8 channels, but its input has 16 (16 x ? x ?)
  ["", block],
);
