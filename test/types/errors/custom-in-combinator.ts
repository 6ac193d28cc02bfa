import { summary } from "../../../src/analysis/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { Concat, Conv2d, Module, Residual, Sequential } from "../../../src/nn/index.ts";
class Halved extends Module {
  conv = new Conv2d(8, 8, 2, { stride: 2 });
  override forward(x: Tensor<[number, 8, 24, 24]>) {
    return this.conv.forward(x);
  }
}
const net = new Sequential(["stem", new Conv2d(1, 8, 5)], ["mixed", new Concat(new Conv2d(8, 2, 1), ["half", new Halved()])], new Residual(new Conv2d(10, 10, 1)));
// @expect mixed: Concat: half gives 8 x 12 x 12, but 0 gives 2 x 24 x 24
summary(net, [1, 28, 28]);
