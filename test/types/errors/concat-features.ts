import { Concat, Conv2d, GlobalAvgPool, GlobalMaxPool, Linear, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(1, 16, 3),
  ["pools", new Concat(["mean", new GlobalAvgPool()], ["max", new GlobalMaxPool()])],
  // @expect Linear takes 16 features, but its input has 32 (16 x ? x ?)
  ["head", new Linear(16, 10)],
);
