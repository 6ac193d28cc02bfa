import { input } from "../../../src/index.ts";
import { Conv2d, ReLU, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(["conv1", new Conv2d(3, 64, 7, { stride: 2, padding: 3 })], ["relu", new ReLU()]);
// @expect conv1: Conv2d takes 3 channels, but its input has 1 (1 x 224 x 224)
net.forward(input("x", [8, 1, 224, 224]));
