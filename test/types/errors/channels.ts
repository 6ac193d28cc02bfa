import { Conv2d, ReLU, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(3, 32, 3),
  new ReLU(),
  // @expect Conv2d takes 64 channels, but its input has 32 (32 x ? x ?)
  new Conv2d(64, 64, 3),
);
