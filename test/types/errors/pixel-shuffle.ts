import { Conv2d, PixelShuffle, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(3, 10, 3),
  // @expect PixelShuffle: channels must be a multiple of 4 (10 x ? x ?)
  new PixelShuffle(2),
);
