import { uniformInit } from "../nn/init.ts";
import { GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Residual } from "../nn/layers/residual.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { SiLU } from "../nn/layers/smoothActivations.ts";
import { SqueezeExcitation } from "../nn/layers/squeezeExcitation.ts";
import { StochasticDepth } from "../nn/layers/stochasticDepth.ts";
import type { Network } from "../nn/network.ts";
import { convNorm } from "./convNorm.ts";
import { type InvertedBlock, invertedBlock } from "./invertedBlock.ts";
import { mobileWeights } from "./mobileWeights.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

export interface EfficientNetOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Probability with which features are dropped before the classifier. Default 0.2. */
  readonly dropout?: number;
  /** Probability with which a block is skipped in training: it grows from 0 in the first to nearly this in the last. Default 0.2. */
  readonly stochasticDepth?: number;
}

/** Blocks with and without a shortcut. */
const BLOCKS = 16;

/**
 * EfficientNet-B0: blocks of MobileNet v2 that weigh their channels, in a shape that a search found. 5,288,548 weights.
 *
 * Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks", 2019, table 1.
 */
export function efficientnetB0<C extends number = 3, K extends number = 1000>(
  options: EfficientNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.2, stochasticDepth = 0.2 } = options;
  /** Probability with which block i is skipped. */
  const skip = (i: number): number => (stochasticDepth * i) / BLOCKS;
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "features",
      new Sequential(
        convNorm(channels, 32, 3, new SiLU(), { stride: 2 }),
        new Sequential(mbconv(32, 32, 16, 3, 1)),
        new Sequential(mbconv(16, 96, 24, 3, 2), kept(24, 144, 3, skip(2))),
        new Sequential(mbconv(24, 144, 40, 5, 2), kept(40, 240, 5, skip(4))),
        new Sequential(mbconv(40, 240, 80, 3, 2), kept(80, 480, 3, skip(6)), kept(80, 480, 3, skip(7))),
        new Sequential(mbconv(80, 480, 112, 5, 1), kept(112, 672, 5, skip(9)), kept(112, 672, 5, skip(10))),
        new Sequential(
          mbconv(112, 672, 192, 5, 2),
          kept(192, 1152, 5, skip(12)),
          kept(192, 1152, 5, skip(13)),
          kept(192, 1152, 5, skip(14)),
        ),
        new Sequential(mbconv(192, 1152, 320, 3, 1)),
        convNorm(320, 1280, 1, new SiLU()),
      ),
    ],
    ["avgpool", new GlobalAvgPool()],
    ["classifier", new Sequential(new Dropout(dropout), new Linear(1280, classes))],
  );
  return mobileWeights(network, ({ outFeatures }) => uniformInit(1 / Math.sqrt(outFeatures)));
}

/** The first block of a stage: channels in, inside and out, window, stride. */
function mbconv<I extends number, M extends number, O extends number>(from: I, expanded: M, to: O, kernel: number, stride: number) {
  return new Sequential(["block", block(from, expanded, to, kernel, stride)]);
}

/** A block that keeps the shape, so that a shortcut leads around it; in training it is skipped with probability `skip`. */
function kept<I extends number, M extends number>(channels: I, expanded: M, kernel: number, skip: number) {
  return new Residual([
    "",
    new Sequential(["block", block(channels, expanded, channels, kernel, 1)], ["stochastic_depth", new StochasticDepth(skip)]),
  ]);
}

function block<I extends number, M extends number, O extends number>(
  from: I,
  expanded: M,
  to: O,
  kernel: number,
  stride: number,
): InvertedBlock<I, M, O> {
  // A quarter of the channels outside of the block, not inside.
  const squeeze = new SqueezeExcitation(expanded as number, from / 4, { activation: new SiLU() });
  return invertedBlock(from, expanded, to, { kernel, stride, squeeze, activation: () => new SiLU() });
}
