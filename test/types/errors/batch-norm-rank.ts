import { BatchNorm1d, Conv2d, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(3, 32, 3),
  // @expect BatchNorm1d takes features or channels x length, but its input is 32 x ? x ?
  new BatchNorm1d(32),
);
