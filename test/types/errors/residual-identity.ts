import { Conv2d, ReLU, Residual, Sequential } from "../../../src/nn/index.ts";
export const net = new Sequential(
  new Conv2d(3, 64, 3, { padding: 1 }),
  // @expect Residual: the body gives 128 x ? x ?, but its input is 64 x ? x ?
  new Residual(new Sequential(new Conv2d(64, 128, 3, { padding: 1 }), new ReLU())),
);
