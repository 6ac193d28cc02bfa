import { summary } from "../../../src/analysis/index.ts";
import { Conv2d, MaxPool2d, ReLU, Residual, Sequential } from "../../../src/nn/index.ts";
const inner = new Residual(new Conv2d(8, 8, 3, { padding: 1 }), new MaxPool2d(2));
const net = new Sequential(
  ["stem", new Conv2d(3, 8, 3, { padding: 1 })],
  ["stage", new Sequential(new ReLU(), ["block", new Sequential(["outer", new Residual(new Sequential(inner, new ReLU()))])])],
);
// @expect stage.block.outer.body.0: Residual: the body gives 8 x 16 x 16, but the shortcut gives 8 x 8 x 8
summary(net, [3, 16, 16]);
