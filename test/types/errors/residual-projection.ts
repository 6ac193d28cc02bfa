import { BatchNorm2d, Conv2d, Residual, Sequential } from "../../../src/nn/index.ts";
export const block = new Residual(
  // @expect Residual: the body gives 128 x ? x ?, but the shortcut gives 256 x ? x ?
  new Sequential(new Conv2d(64, 128, 3, { padding: 1 }), new BatchNorm2d(128)),
  new Conv2d(64, 256, 1),
);
