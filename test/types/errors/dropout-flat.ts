import { Dropout2d, Linear, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Linear(9, 5),
  // @expect Dropout2d takes channels x height x width, but its input is flat, with 5 features
  new Dropout2d(),
);
