import { BatchNorm2d, Conv2d, ReLU, Residual, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(3, 64, 3),
  // @expect body.1: BatchNorm2d takes 128 channels, but its input has 64 (64 x ? x ?)
  new Residual(new Sequential(new ReLU(), new BatchNorm2d(128))),
);
