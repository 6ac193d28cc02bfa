import { summary } from "../../../src/analysis/index.ts";
import { Conv1d, Sequential } from "../../../src/nn/index.ts";
const net = new Sequential(["smooth", new Conv1d(2, 6, 3, { dilation: 8 })]);
// @expect smooth: Conv1d: kernel 3 with dilation 8 is larger than the input (2 x 16)
summary(net, [2, 16]);
