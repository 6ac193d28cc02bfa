import { Conv2d, GlobalAvgPool, Residual, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  ["conv", new Conv2d(3, 8, 3)],
  // @expect Residual: the body gives 8, but its input is 8 x ? x ?
  ["squeeze", new Residual(new GlobalAvgPool())],
);
