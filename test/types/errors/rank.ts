import { Conv1d, MaxPool2d, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv1d(1, 16, 5),
  // @expect MaxPool2d takes channels x height x width, but its input is 16 x ?
  new MaxPool2d(2),
);
