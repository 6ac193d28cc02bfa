import { input } from "../../../src/index.ts";
import { Auxiliary, Concat, Conv2d, GlobalAvgPool, Linear, type Network, Residual, Sequential } from "../../../src/nn/index.ts";
export function tiny<C extends number>(classes: C): Network<[3, number, number], [C]> {
  // @expect stem.b: Conv2d takes 1 channel, but its input has 3 (3 x ? x ?)
  return new Sequential(
    ["stem", new Concat(["a", new Conv2d(3, 4, 1)], ["b", new Conv2d(1, 4, 1)])],
    ["layer1", new Sequential(new Residual(new Conv2d(8, 8, 1)))],
    ["aux", new Auxiliary(new Sequential(new GlobalAvgPool(), new Linear(8, classes)))],
    ["pool", new GlobalAvgPool()],
    ["fc", new Linear(8, classes)],
  );
}
tiny(10).forward(input("x", [1, 3, 5, 5]));
// @runtime stem.b: Conv2d takes 1 channel, but its input has 3 (3 x 5 x 5)
