import { input } from "../../../src/index.ts";
import { Conv2d, Flatten, Linear, type Network, Sequential } from "../../../src/nn/index.ts";
export function tiny(): Network<[3, number, number], [10]> {
  // @expect 0: Conv2d takes 1 channel, but its input has 3 (3 x ? x ?)
  return new Sequential(new Conv2d(1, 8, 3), new Flatten(), new Linear(72, 10));
}
tiny().forward(input("x", [1, 3, 5, 5]));
// @runtime 0: Conv2d takes 1 channel, but its input has 3 (3 x 5 x 5)
