import { Auxiliary, Conv2d, GlobalAvgPool, Linear, ReLU, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(3, 512, 3),
  new ReLU(),
  // @expect classifier.1: Linear takes 528 features, but its input has 512 (512 x ? x ?)
  new Auxiliary(["classifier", new Sequential(new GlobalAvgPool(), new Linear(528, 10))], { weight: 0.4 }),
);
