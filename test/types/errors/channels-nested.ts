import { Conv2d, ReLU, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  ["stem", new Sequential(new Conv2d(3, 16, 3), new ReLU())],
  // @expect 1.conv: Conv2d takes 8 channels, but its input has 16 (16 x ? x ?)
  ["body", new Sequential(new ReLU(), new Sequential(["conv", new Conv2d(8, 8, 3)]))],
);
