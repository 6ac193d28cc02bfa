import { BatchNorm1d, Linear, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Linear(9, 5),
  // @expect BatchNorm1d takes 4 features, but its input has 5
  new BatchNorm1d(4),
);
