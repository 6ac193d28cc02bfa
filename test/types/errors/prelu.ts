import { Conv1d, PReLU, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv1d(9, 5, 3),
  // @expect PReLU takes 4 channels, but its input has 5 (5 x ?)
  new PReLU(4),
);
