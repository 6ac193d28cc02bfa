import { Conv2d, ConvTranspose2d, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(3, 8, 3),
  // @expect ConvTranspose2d takes 16 channels, but its input has 8 (8 x ? x ?)
  new ConvTranspose2d(16, 8, 3),
);
