import { kaimingUniformInit } from "../nn/init.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import { BatchNorm2d } from "../nn/layers/batchNorm.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Residual } from "../nn/layers/residual.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import type { MobileNetOptions } from "./mobilenetV2.ts";
import { mobileWeights } from "./mobileWeights.ts";
import { sizesOf } from "./options.ts";
import { stage } from "./stage.ts";
import { wholeEights } from "./wholeEights.ts";

/** MNASNet of half the width: 2,218,512 weights. See `mnasnet1_0`. */
export function mnasnet0_5<C extends number = 3, K extends number = 1000>(
  options: MobileNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  return mnasnet(0.5, options);
}

/** MNASNet of three quarters of the width: 3,170,208 weights. See `mnasnet1_0`. */
export function mnasnet0_75<C extends number = 3, K extends number = 1000>(
  options: MobileNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  return mnasnet(0.75, options);
}

/**
 * MNASNet-B1: blocks of MobileNet v2 in a shape that a search found, which measured on a telephone how long each network takes.
 * 4,383,312 weights.
 *
 * Tan et al., "MnasNet: platform-aware neural architecture search for mobile", 2019.
 */
export function mnasnet1_0<C extends number = 3, K extends number = 1000>(
  options: MobileNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  return mnasnet(1, options);
}

/** MNASNet, 1.3 times as wide: 6,282,256 weights. See `mnasnet1_0`. */
export function mnasnet1_3<C extends number = 3, K extends number = 1000>(
  options: MobileNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  return mnasnet(1.3, options);
}

function mnasnet<C extends number, K extends number>(width: number, options: MobileNetOptions<C, K>): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.2 } = options;
  const w = (n: number): number => wholeEights(n * width);
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "layers",
      new Sequential(
        ...conv(channels, w(32), 3, 2),
        ...conv(w(32), w(32), 3, 1, w(32)),
        ...projection(w(32), w(16)),
        stack(w(16), w(24), 3, 2, 3, 3),
        stack(w(24), w(40), 5, 2, 3, 3),
        stack(w(40), w(80), 5, 2, 6, 3),
        stack(w(80), w(96), 3, 1, 6, 2),
        stack(w(96), w(192), 5, 2, 6, 4),
        stack(w(192), w(320), 3, 1, 6, 1),
        ...conv(w(320), 1280, 1, 1),
      ),
    ],
    ["pool", new GlobalAvgPool()],
    ["classifier", new Sequential(new Dropout(dropout), new Linear(1280, classes))],
  );
  // PyTorch: kaiming_uniform_ with the gain of a sigmoid.
  return mobileWeights(network, () => kaimingUniformInit("fanOut", 1));
}

/** Blocks of one width: channels in and out, window, stride of the first, expansion, number. */
function stack(from: number, to: number, kernel: number, stride: number, expansion: number, count: number) {
  const first = new Sequential(["layers", inside(from, to, kernel, stride, expansion)]);
  return stage(first, count, () => new Residual(["layers", inside(to, to, kernel, 1, expansion)]));
}

/** Widens by the factor `expansion`, convolves each channel, narrows. */
function inside(from: number, to: number, kernel: number, stride: number, expansion: number) {
  const expanded = from * expansion;
  return new Sequential(...conv(from, expanded, 1, 1), ...conv(expanded, expanded, kernel, stride, expanded), ...projection(expanded, to));
}

/** A convolution that keeps the size but for its stride, normalisation, ReLU: three layers of the list they stand in. */
const conv = (from: number, to: number, kernel: number, stride: number, groups = 1) =>
  [
    new Conv2d(from, to, kernel, { stride, groups, padding: (kernel - 1) / 2, bias: false }),
    new BatchNorm2d(to, NORM),
    new ReLU(),
  ] as const;

/** A 1 x 1 convolution without ReLU. */
const projection = (from: number, to: number) => [new Conv2d(from, to, 1, { bias: false }), new BatchNorm2d(to, NORM)] as const;

/** TensorFlow's 0.9997, which is the weight of the old statistics. */
const NORM = { momentum: 1 - 0.9997 };
