import { Concat, Conv2d, GlobalAvgPool, ReLU, Sequential } from "../../../src/nn/index.ts";
export const net = new Concat(
  // @expect Concat: global gives 64, but local gives 32 x ? x ?
  ["local", new Conv2d(64, 32, 1)],
  ["global", new Sequential(new Conv2d(64, 64, 1), new ReLU(), new GlobalAvgPool())],
);
