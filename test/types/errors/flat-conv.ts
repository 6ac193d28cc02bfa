import { Conv2d, Flatten, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(1, 16, 5),
  new Flatten(),
  // @expect Conv2d takes channels x height x width, but its input is flat, with ? features (16 x ? x ?)
  new Conv2d(16, 16, 5),
);
