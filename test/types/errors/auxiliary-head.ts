import { summary } from "../../../src/analysis/index.ts";
import { Auxiliary, Conv2d, Flatten, Linear, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(
  new Conv2d(3, 8, 3, { padding: 1 }),
  ["aux", new Auxiliary(new Sequential(new Flatten(), new Linear(512, 10)))],
  new Conv2d(8, 8, 3),
);
// @expect aux.head.1: Linear takes 512 features, but its input has 2048 (8 x 16 x 16)
summary(net, [3, 16, 16]);
