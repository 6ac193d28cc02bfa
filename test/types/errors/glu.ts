import { GLU, Linear, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Linear(9, 5),
  // @expect GLU halves an axis of 5, but its input is 5
  new GLU(),
);
