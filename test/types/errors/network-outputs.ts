import { Conv2d, GlobalAvgPool, Linear, type Network, Residual, Sequential } from "../../../src/nn/index.ts";
export function tiny(): Network<[3, number, number], [10]> {
  // @includes Type '12' is not assignable to type '10'
  return new Sequential(new Conv2d(3, 8, 3), new Residual(new Conv2d(8, 8, 1)), new GlobalAvgPool(), new Linear(8, 12));
}
tiny();
// @runtime nothing: only the annotation is wrong
