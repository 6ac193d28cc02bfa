import { summary } from "../../../src/analysis/index.ts";
import { Conv2d, ReLU, Residual, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(
  ["stem", new Conv2d(3, 64, 3, { padding: 1 })],
  [
    "layer1",
    new Sequential(
      new Residual(
        new Sequential(new Conv2d(64, 128, 3, { stride: 2, padding: 1 }), new ReLU()),
        new Conv2d(64, 128, 1),
      ),
    ),
  ],
);
// @expect layer1.0: Residual: the body gives 128 x 16 x 16, but the shortcut gives 128 x 32 x 32
summary(net, [3, 32, 32]);
