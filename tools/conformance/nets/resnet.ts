import type { Tensor } from "../../../src/index.ts";
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, Module, ReLU, Sequential } from "../../../src/nn/index.ts";
import { add, flatten } from "../../../src/ops/index.ts";
import type { GoldenNet, NetConfig } from "./goldenNet.ts";

/**
 * The residual networks for CIFAR of He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015: 6n + 2 layers in
 * three stages of widths w, 2w, 4w. Weights are named as in torchvision's resnet18.
 */
export class CifarResNet extends Module implements GoldenNet {
  readonly conv1: Conv2d<number, number, 3, 1, 1>;
  readonly bn1: BatchNorm2d<number>;
  readonly relu: ReLU = new ReLU();
  readonly layer1: BasicBlock[];
  readonly layer2: BasicBlock[];
  readonly layer3: BasicBlock[];
  readonly avgpool: AdaptiveAvgPool2d<1> = new AdaptiveAvgPool2d(1);
  readonly fc: Linear<number, number>;

  constructor({ net, config, input_shape, classes, bn }: NetConfig) {
    super();
    const width = config.w ?? 16;
    const blocks = (Number(net.slice("resnet".length)) - 2) / 6;
    this.conv1 = new Conv2d(input_shape[1], width, 3, { padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(width, bn);
    const stage = (from: number, to: number, stride: number): BasicBlock[] =>
      Array.from({ length: blocks }, (_, i) => new BasicBlock(i === 0 ? from : to, to, i === 0 ? stride : 1, bn));
    this.layer1 = stage(width, width, 1);
    this.layer2 = stage(width, 2 * width, 2);
    this.layer3 = stage(2 * width, 4 * width, 2);
    this.fc = new Linear(4 * width, classes);
  }

  override forward(x: Tensor): Tensor {
    let y: Tensor = this.relu.forward(this.bn1.forward(this.conv1.forward(x)));
    for (const block of [...this.layer1, ...this.layer2, ...this.layer3]) y = block.forward(y);
    return this.fc.forward(flatten(this.avgpool.forward(y)));
  }
}

/** Two convolutions and a way around them; where sizes change, a 1 x 1 convolution is on that way (option B of the paper). */
class BasicBlock extends Module {
  readonly conv1: Conv2d<number, number, 3, number, 1>;
  readonly bn1: BatchNorm2d<number>;
  readonly relu: ReLU = new ReLU();
  readonly conv2: Conv2d<number, number, 3, 1, 1>;
  readonly bn2: BatchNorm2d<number>;
  readonly downsample: Sequential<[Conv2d<number, number, 1, number>, BatchNorm2d<number>]> | undefined;

  constructor(from: number, to: number, stride: number, bn: NetConfig["bn"]) {
    super();
    this.conv1 = new Conv2d(from, to, 3, { stride, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(to, bn);
    this.conv2 = new Conv2d(to, to, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(to, bn);
    if (from !== to || stride !== 1)
      this.downsample = new Sequential(new Conv2d(from, to, 1, { stride, bias: false }), new BatchNorm2d(to, bn));
  }

  override forward(x: Tensor): Tensor {
    const h = this.relu.forward(this.bn1.forward(this.conv1.forward(x)));
    const y = this.bn2.forward(this.conv2.forward(h));
    return this.relu.forward(add(y, this.downsample ? this.downsample.forward(x) : x));
  }
}
