import { BatchNorm2d, Conv2d, Residual, Sequential } from "../../../src/nn/index.ts";
// The body has no level of its own in the state dict, and none in messages.
const block = new Residual(
  ["", new Sequential(["conv1", new Conv2d(64, 128, 3, { stride: 2, padding: 1 })], ["bn1", new BatchNorm2d(128)])],
  ["downsample", new Sequential(new Conv2d(32, 128, 1, { stride: 2 }), new BatchNorm2d(128))],
);
export const net = new Sequential(
  ["stem", new Conv2d(3, 64, 7)],
  // @expect downsample.0: Conv2d takes 32 channels, but its input has 64 (64 x ? x ?)
  ["layer2", block],
);
