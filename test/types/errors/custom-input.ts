import { summary } from "../../../src/analysis/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { Conv2d, Linear, Module, Sequential } from "../../../src/nn/index.ts";
class Gate extends Module {
  scale = new Linear(24, 24);
  override forward(x: Tensor<[number, 8, 24, 24]>) {
    return this.scale.forward(x);
  }
}
const net = new Sequential(["conv", new Conv2d(1, 8, 3)], ["gate", new Gate()]);
// @expect gate: forward takes 8 x 24 x 24, but its input is 8 x 26 x 26
summary(net, [1, 28, 28]);
// @runtime gate.scale: Linear takes 24 features, but its input is 8 x 26 x 26
