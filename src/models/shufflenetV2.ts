import { ReLU } from "../nn/layers/activation.ts";
import { GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import { BatchNorm2d } from "../nn/layers/batchNorm.ts";
import { ChannelSlice } from "../nn/layers/channelSlice.ts";
import { Concat } from "../nn/layers/concat.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { ChannelShuffle } from "../nn/layers/shuffle.ts";
import type { Module } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { convNorm } from "./convNorm.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";
import { stage } from "./stage.ts";

/** ShuffleNet v2 of half the width: 1,366,792 weights. See `shufflenetV2x1_0`. */
export function shufflenetV2x0_5<C extends number = 3, K extends number = 1000>(
  options: ImageModelOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  return shufflenet([24, 48, 96, 192, 1024], options);
}

/**
 * ShuffleNet v2: a block convolves only half of the channels, and shuffling brings the others in front of the next. 2,278,604 weights.
 *
 * Ma, Zhang, Zheng, Sun, "ShuffleNet V2: practical guidelines for efficient CNN architecture design", 2018, table 5. Start values are
 * the layers' own, as in torchvision.
 */
export function shufflenetV2x1_0<C extends number = 3, K extends number = 1000>(
  options: ImageModelOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  return shufflenet([24, 116, 232, 464, 1024], options);
}

/** ShuffleNet v2, one and a half times as wide: 3,503,624 weights. */
export function shufflenetV2x1_5<C extends number = 3, K extends number = 1000>(
  options: ImageModelOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  return shufflenet([24, 176, 352, 704, 1024], options);
}

/** ShuffleNet v2, twice as wide: 7,393,996 weights. PyTorch: 244 channels in stage 2 and 2048 at the end, as in the paper. */
export function shufflenetV2x2_0<C extends number = 3, K extends number = 1000>(
  options: ImageModelOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  return shufflenet([24, 244, 488, 976, 2048], options);
}

/** Channels after the first convolution, in the three stages, and before the classifier. */
type Widths = readonly [number, number, number, number, number];

function shufflenet<C extends number, K extends number>(
  [a, b, c, d, e]: Widths,
  options: ImageModelOptions<C, K>,
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const network: Network<[number, number, number], [K]> = new Sequential(
    ["conv1", convNorm(channels, a, 3, new ReLU(), { stride: 2 })],
    ["maxpool", new MaxPool2d(3, { stride: 2, padding: 1 })],
    ["stage2", stage(down(a, b), 4, () => kept(b))],
    ["stage3", stage(down(b, c), 8, () => kept(c))],
    ["stage4", stage(down(c, d), 4, () => kept(d))],
    ["conv5", convNorm(d, e, 1, new ReLU())],
    ["pool", new GlobalAvgPool()],
    ["fc", new Linear(e, classes)],
  );
  return network;
}

/** Halves the size: both branches see all channels, and each gives half of the new ones. */
function down(from: number, to: number) {
  const half = to / 2;
  const branch1 = new Sequential(
    new Conv2d(from, from, 3, { stride: 2, padding: 1, groups: from, bias: false }),
    new BatchNorm2d(from),
    new Conv2d(from, half, 1, { bias: false }),
    new BatchNorm2d(half),
    new ReLU(),
  );
  return shuffled(new Concat(["branch1", branch1], ["branch2", convolved(from, half, 2)]));
}

/** Keeps the shape: half of the channels pass by. */
function kept(channels: number) {
  const half = channels / 2;
  return shuffled(
    new Concat(
      ["passing", new ChannelSlice(0, half)],
      ["", new Sequential(["rest", new ChannelSlice(half, channels)], ["branch2", convolved(half, half, 1)])],
    ),
  );
}

/** A 3 x 3 convolution of each channel by itself, between two of 1 x 1. */
function convolved(from: number, to: number, stride: number) {
  return new Sequential(
    new Conv2d(from, to, 1, { bias: false }),
    new BatchNorm2d(to),
    new ReLU(),
    new Conv2d(to, to, 3, { stride, padding: 1, groups: to, bias: false }),
    new BatchNorm2d(to),
    new Conv2d(to, to, 1, { bias: false }),
    new BatchNorm2d(to),
    new ReLU(),
  );
}

/** The two halves dealt out in turn, so that the next block convolves some of each. */
function shuffled<B extends Module>(branches: B) {
  return new Sequential(["", branches as Module], ["shuffle", new ChannelShuffle(2)]);
}
