import { BatchNorm2d, Conv2d, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(3, 32, 3),
  // @expect BatchNorm2d takes 64 channels, but its input has 32 (32 x ? x ?)
  new BatchNorm2d(64),
);
