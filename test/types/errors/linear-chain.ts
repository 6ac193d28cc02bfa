import { Linear, ReLU, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Linear(784, 120),
  new ReLU(),
  // @expect Linear takes 128 features, but its input has 120
  new Linear(128, 10),
);
