import { Auxiliary, Conv2d, Flatten, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  ["flatten", new Flatten()],
  // @expect Conv2d takes channels x height x width, but its input is flat, with ? features
  ["aux", new Auxiliary(["", new Conv2d(8, 10, 1)])],
);
