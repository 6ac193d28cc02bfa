import { GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import { BatchNorm2d } from "../nn/layers/batchNorm.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Linear } from "../nn/layers/linear.ts";
import { ReLU6 } from "../nn/layers/rectifiers.ts";
import { Residual } from "../nn/layers/residual.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import { convNorm } from "./convNorm.ts";
import { mobileWeights } from "./mobileWeights.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

export interface MobileNetOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Probability with which features are dropped before the classifier. Default 0.2. */
  readonly dropout?: number;
}

/**
 * MobileNet v2: convolutions of one channel each, between 1 x 1 ones that widen and narrow, and shortcuts between the narrow ends.
 * 3,504,872 weights.
 *
 * Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: inverted residuals and linear bottlenecks", 2018, table 2.
 */
export function mobilenetV2<C extends number = 3, K extends number = 1000>(
  options: MobileNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.2 } = options;
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "features",
      new Sequential(
        convNorm(channels, 32, 3, new ReLU6(), { stride: 2 }),
        first(32, 16),
        bottleneck(16, 96, 24, 2),
        kept(24, 144),
        bottleneck(24, 144, 32, 2),
        kept(32, 192),
        kept(32, 192),
        bottleneck(32, 192, 64, 2),
        kept(64, 384),
        kept(64, 384),
        kept(64, 384),
        bottleneck(64, 384, 96, 1),
        kept(96, 576),
        kept(96, 576),
        bottleneck(96, 576, 160, 2),
        kept(160, 960),
        kept(160, 960),
        bottleneck(160, 960, 320, 1),
        convNorm(320, 1280, 1, new ReLU6()),
      ),
    ],
    ["avgpool", new GlobalAvgPool()],
    ["classifier", new Sequential(new Dropout(dropout), new Linear(1280, classes))],
  );
  return mobileWeights(network);
}

/** A bottleneck of expansion 1, which is none. */
function first<I extends number, O extends number>(from: I, to: O) {
  return new Sequential(["conv", new Sequential(depthwise(from, 1), new Conv2d(from, to, 1, { bias: false }), new BatchNorm2d(to))]);
}

/** Widens to `expanded` channels, convolves each, narrows to `to`. */
function bottleneck<I extends number, M extends number, O extends number>(from: I, expanded: M, to: O, stride: number) {
  return new Sequential(["conv", inside(from, expanded, to, stride)]);
}

/** A bottleneck that keeps the shape, so that a shortcut leads around it. */
function kept<I extends number, M extends number>(channels: I, expanded: M) {
  return new Residual(["conv", inside(channels, expanded, channels, 1)]);
}

// The last of these are not a Sequential of their own, as torchvision's names have it.
function inside<I extends number, M extends number, O extends number>(from: I, expanded: M, to: O, stride: number) {
  return new Sequential(
    convNorm(from, expanded, 1, new ReLU6()),
    depthwise(expanded, stride),
    new Conv2d(expanded, to, 1, { bias: false }),
    new BatchNorm2d(to),
  );
}

const depthwise = <M extends number>(channels: M, stride: number) =>
  convNorm(channels, channels, 3, new ReLU6(), { stride, groups: channels });
