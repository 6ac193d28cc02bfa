import { BatchNorm2d, Conv2d, ReLU, Residual, Sequential } from "../../../src/nn/index.ts";
// Right for equal numbers, so nothing is wrong here.
function block<I extends number, O extends number>(i: I, o: O) {
  return new Residual(new Sequential(new Conv2d(i, o, 3, { padding: 1 }), new BatchNorm2d(o), new ReLU()));
}
export const net = new Sequential(
  block(16, 16),
  // @expect Residual: the body gives 32 x ? x ?, but its input is 16 x ? x ?
  block(16, 32),
);
