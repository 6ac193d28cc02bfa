import { Conv2d, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  ["conv1", new Conv2d(3, 32, 3)],
  // @expect Conv2d takes 64 channels, but its input has 32 (32 x ? x ?)
  ["conv2", new Conv2d(64, 8, 1)],
);
