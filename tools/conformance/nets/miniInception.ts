import {
  AdaptiveAvgPool2d,
  Auxiliary,
  BatchNorm2d,
  Concat,
  Conv2d,
  Flatten,
  Identity,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "../../../src/nn/index.ts";
import type { GoldenNet, NetConfig } from "./goldenNet.ts";

/**
 * A small GoogLeNet (Szegedy et al., "Going deeper with convolutions", 2015) for small images, with one of its auxiliary heads,
 * which only training uses. Widths are multiples of `b`; weights are named as in torchvision's googlenet.
 */
export function miniInception({ config, input_shape, classes, bn }: NetConfig): GoldenNet {
  const b = config.b ?? 4;
  const conv = (from: number, to: number, kernel: number) => basicConv(from, to, kernel, bn);
  return new Sequential(
    ["conv1", conv(input_shape[1], 2 * b, 5)],
    // GoogLeNet's pools round up.
    ["maxpool1", new MaxPool2d(3, { stride: 2, ceilMode: true })],
    ["conv2", conv(2 * b, 2 * b, 1)],
    ["conv3", conv(2 * b, 4 * b, 3)],
    ["inception3a", inception(4 * b, { one: 2 * b, three: [2 * b, 3 * b], five: [b, b], pooled: b }, conv)],
    ["inception3b", inception(7 * b, { one: 2 * b, three: [2 * b, 4 * b], five: [b, 2 * b], pooled: b }, conv)],
    ["maxpool3", new MaxPool2d(3, { stride: 2, ceilMode: true })],
    ["inception4a", inception(9 * b, { one: 3 * b, three: [2 * b, 4 * b], five: [b, 2 * b], pooled: b }, conv)],
    ["", new Auxiliary(["aux1", head(conv(10 * b, 2 * b, 1), 2 * b, 4 * b, classes)])],
    ["inception4b", inception(10 * b, { one: 3 * b, three: [2 * b, 4 * b], five: [b, 2 * b], pooled: 2 * b }, conv)],
    ["avgpool", new AdaptiveAvgPool2d(1)],
    ["flatten", new Flatten()],
    // Off, so that results can be compared.
    ["dropout", new Identity()],
    ["fc", new Linear(11 * b, classes)],
  );
}

/** Convolution that keeps the size, normalisation, ReLU. */
function basicConv(from: number, to: number, kernel: number, bn: NetConfig["bn"]) {
  return new Sequential(
    ["conv", new Conv2d(from, to, kernel, { padding: (kernel - 1) / 2, bias: false })],
    ["bn", new BatchNorm2d(to, bn)],
    ["relu", new ReLU()],
  );
}

/** A basicConv: channels in and out, window. */
type Conv = (from: number, to: number, kernel: number) => ReturnType<typeof basicConv>;

/** Channels of an inception module's branches: of 1 x 1, and of what a 1 x 1 leaves for the 3 x 3 and the 5 x 5. */
interface Widths {
  readonly one: number;
  readonly three: readonly [reduced: number, out: number];
  readonly five: readonly [reduced: number, out: number];
  readonly pooled: number;
}

/** Windows of four sizes side by side. */
function inception(from: number, { one, three, five, pooled }: Widths, conv: Conv) {
  return new Concat(
    ["branch1", conv(from, one, 1)],
    ["branch2", new Sequential(conv(from, three[0], 1), conv(three[0], three[1], 3))],
    ["branch3", new Sequential(conv(from, five[0], 1), conv(five[0], five[1], 5))],
    ["branch4", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }), conv(from, pooled, 1))],
  );
}

/** A second classifier in the middle of the network, whose loss helps the layers below it. */
function head(conv: ReturnType<Conv>, channels: number, hidden: number, classes: number) {
  return new Sequential(
    ["pool", new AdaptiveAvgPool2d(4)],
    ["conv", conv],
    ["flatten", new Flatten()],
    ["fc1", new Linear(channels * 4 * 4, hidden)],
    ["relu", new ReLU()],
    ["fc2", new Linear(hidden, classes)],
  );
}
