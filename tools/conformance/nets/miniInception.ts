import type { Tensor } from "../../../src/index.ts";
import { currentMode } from "../../../src/ir/trace.ts";
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Identity, Linear, MaxPool2d, Module } from "../../../src/nn/index.ts";
import { adaptiveAvgPool, concat, flatten, relu } from "../../../src/ops/index.ts";
import type { GoldenNet, NetConfig } from "./goldenNet.ts";

/**
 * A small GoogLeNet (Szegedy et al., "Going deeper with convolutions", 2015) for small images, with one of its auxiliary heads,
 * which only training uses. Widths are multiples of `b`; weights are named as in torchvision's googlenet.
 */
export class MiniInception extends Module implements GoldenNet {
  readonly conv1: BasicConv;
  /** GoogLeNet's pools round up. */
  readonly maxpool1: MaxPool2d<3, 2, 0, 1, true> = new MaxPool2d(3, { stride: 2, ceilMode: true });
  readonly conv2: BasicConv;
  readonly conv3: BasicConv;
  readonly inception3a: Inception;
  readonly inception3b: Inception;
  readonly maxpool3: MaxPool2d<3, 2, 0, 1, true> = new MaxPool2d(3, { stride: 2, ceilMode: true });
  readonly inception4a: Inception;
  readonly inception4b: Inception;
  readonly aux1: AuxiliaryHead;
  readonly avgpool: AdaptiveAvgPool2d<1> = new AdaptiveAvgPool2d(1);
  /** Off, so that results can be compared. */
  readonly dropout: Identity = new Identity();
  readonly fc: Linear<number, number>;

  constructor({ config, input_shape, classes, bn }: NetConfig) {
    super();
    const b = config.b ?? 4;
    this.conv1 = new BasicConv(input_shape[1], 2 * b, 5, bn);
    this.conv2 = new BasicConv(2 * b, 2 * b, 1, bn);
    this.conv3 = new BasicConv(2 * b, 4 * b, 3, bn);
    this.inception3a = new Inception(4 * b, { one: 2 * b, three: [2 * b, 3 * b], five: [b, b], pooled: b }, bn);
    this.inception3b = new Inception(7 * b, { one: 2 * b, three: [2 * b, 4 * b], five: [b, 2 * b], pooled: b }, bn);
    this.inception4a = new Inception(9 * b, { one: 3 * b, three: [2 * b, 4 * b], five: [b, 2 * b], pooled: b }, bn);
    this.inception4b = new Inception(10 * b, { one: 3 * b, three: [2 * b, 4 * b], five: [b, 2 * b], pooled: 2 * b }, bn);
    this.aux1 = new AuxiliaryHead(10 * b, 2 * b, 4 * b, classes, bn);
    this.fc = new Linear(11 * b, classes);
  }

  override forward(x: Tensor): Tensor | readonly [logits: Tensor, auxLogits: Tensor] {
    const stem = this.conv3.forward(this.conv2.forward(this.maxpool1.forward(this.conv1.forward(x))));
    const h3 = this.inception3b.forward(this.inception3a.forward(stem));
    const h4 = this.inception4a.forward(this.maxpool3.forward(h3));
    const pooled = this.avgpool.forward(this.inception4b.forward(h4));
    const logits = this.fc.forward(this.dropout.forward(flatten(pooled)));
    return currentMode() === "train" ? [logits, this.aux1.forward(h4)] : logits;
  }
}

/** Convolution that keeps the size, normalisation, ReLU. */
class BasicConv extends Module {
  readonly conv: Conv2d<number, number, number, 1, number>;
  readonly bn: BatchNorm2d<number>;

  constructor(from: number, to: number, kernel: number, bn: NetConfig["bn"]) {
    super();
    this.conv = new Conv2d(from, to, kernel, { padding: (kernel - 1) / 2, bias: false });
    this.bn = new BatchNorm2d(to, bn);
  }

  override forward(x: Tensor): Tensor {
    return relu(this.bn.forward(this.conv.forward(x)));
  }
}

/** Channels of an inception module's branches: of 1 x 1, and of what a 1 x 1 leaves for the 3 x 3 and the 5 x 5. */
interface Widths {
  readonly one: number;
  readonly three: readonly [reduced: number, out: number];
  readonly five: readonly [reduced: number, out: number];
  readonly pooled: number;
}

/** Windows of four sizes side by side. */
class Inception extends Module {
  readonly branch1: BasicConv;
  readonly branch2: readonly [BasicConv, BasicConv];
  readonly branch3: readonly [BasicConv, BasicConv];
  readonly branch4: readonly [MaxPool2d<3, 1, 1, 1, true>, BasicConv];

  constructor(from: number, { one, three, five, pooled }: Widths, bn: NetConfig["bn"]) {
    super();
    this.branch1 = new BasicConv(from, one, 1, bn);
    this.branch2 = [new BasicConv(from, three[0], 1, bn), new BasicConv(three[0], three[1], 3, bn)];
    this.branch3 = [new BasicConv(from, five[0], 1, bn), new BasicConv(five[0], five[1], 5, bn)];
    this.branch4 = [new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }), new BasicConv(from, pooled, 1, bn)];
  }

  override forward(x: Tensor): Tensor {
    const through = ([first, second]: readonly [MaxPool2d<3, 1, 1, 1, true> | BasicConv, BasicConv]): Tensor =>
      second.forward(first.forward(x));
    return concat([this.branch1.forward(x), through(this.branch2), through(this.branch3), through(this.branch4)]);
  }
}

/** A second classifier in the middle of the network, whose loss helps the layers below it. */
class AuxiliaryHead extends Module {
  readonly conv: BasicConv;
  readonly fc1: Linear<number, number>;
  readonly fc2: Linear<number, number>;

  constructor(from: number, channels: number, hidden: number, classes: number, bn: NetConfig["bn"]) {
    super();
    this.conv = new BasicConv(from, channels, 1, bn);
    this.fc1 = new Linear(channels * 4 * 4, hidden);
    this.fc2 = new Linear(hidden, classes);
  }

  override forward(x: Tensor): Tensor {
    const features = flatten(this.conv.forward(adaptiveAvgPool(x, 4)));
    return this.fc2.forward(relu(this.fc1.forward(features)));
  }
}
