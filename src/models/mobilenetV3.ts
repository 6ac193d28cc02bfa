import { ReLU } from "../nn/layers/activation.ts";
import { GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import type { BatchNormOptions } from "../nn/layers/batchNorm.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Hardsigmoid, Hardswish } from "../nn/layers/hardActivations.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Residual } from "../nn/layers/residual.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import { SqueezeExcitation } from "../nn/layers/squeezeExcitation.ts";
import type { Network } from "../nn/network.ts";
import { convNorm } from "./convNorm.ts";
import { type InvertedBlock, invertedBlock } from "./invertedBlock.ts";
import type { MobileNetOptions } from "./mobilenetV2.ts";
import { mobileWeights } from "./mobileWeights.ts";
import { sizesOf } from "./options.ts";
import { wholeEights } from "./wholeEights.ts";

/**
 * MobileNet v3 large: the blocks of v2, some of which weigh their channels, with cheap pieces of straight lines for swish and sigmoid.
 * 5,483,032 weights.
 *
 * Howard et al., "Searching for MobileNetV3", 2019, table 1.
 */
export function mobilenetV3Large<C extends number = 3, K extends number = 1000>(
  options: MobileNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.2 } = options;
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "features",
      new Sequential(
        convNorm(channels, 16, 3, new Hardswish(), { stride: 2, norm: NORM }),
        kept(16, 3, 16, "RE"),
        bneck(16, 3, 64, 24, "RE", 2),
        kept(24, 3, 72, "RE"),
        bneck(24, 5, 72, 40, "SE RE", 2),
        kept(40, 5, 120, "SE RE"),
        kept(40, 5, 120, "SE RE"),
        bneck(40, 3, 240, 80, "HS", 2),
        kept(80, 3, 200, "HS"),
        kept(80, 3, 184, "HS"),
        kept(80, 3, 184, "HS"),
        bneck(80, 3, 480, 112, "SE HS", 1),
        kept(112, 3, 672, "SE HS"),
        bneck(112, 5, 672, 160, "SE HS", 2),
        kept(160, 5, 960, "SE HS"),
        kept(160, 5, 960, "SE HS"),
        convNorm(160, 960, 1, new Hardswish(), { norm: NORM }),
      ),
    ],
    ["avgpool", new GlobalAvgPool()],
    ["classifier", new Sequential(new Linear(960, 1280), new Hardswish(), new Dropout(dropout), new Linear(1280, classes))],
  );
  return mobileWeights(network);
}

/** MobileNet v3 small: for less than a third of the work. 2,542,856 weights. Table 2 of the same paper. */
export function mobilenetV3Small<C extends number = 3, K extends number = 1000>(
  options: MobileNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.2 } = options;
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "features",
      new Sequential(
        convNorm(channels, 16, 3, new Hardswish(), { stride: 2, norm: NORM }),
        bneck(16, 3, 16, 16, "SE RE", 2),
        bneck(16, 3, 72, 24, "RE", 2),
        kept(24, 3, 88, "RE"),
        bneck(24, 5, 96, 40, "SE HS", 2),
        kept(40, 5, 240, "SE HS"),
        kept(40, 5, 240, "SE HS"),
        bneck(40, 5, 120, 48, "SE HS", 1),
        kept(48, 5, 144, "SE HS"),
        bneck(48, 5, 288, 96, "SE HS", 2),
        kept(96, 5, 576, "SE HS"),
        kept(96, 5, 576, "SE HS"),
        convNorm(96, 576, 1, new Hardswish(), { norm: NORM }),
      ),
    ],
    ["avgpool", new GlobalAvgPool()],
    ["classifier", new Sequential(new Linear(576, 1024), new Hardswish(), new Dropout(dropout), new Linear(1024, classes))],
  );
  return mobileWeights(network);
}

const NORM: BatchNormOptions = { eps: 0.001, momentum: 0.01 };

/** The columns SE and NL of the tables: whether channels are weighed, and whether the activation is ReLU or Hardswish. */
type Kind = "RE" | "HS" | "SE RE" | "SE HS";

/** A row of the tables: channels in, window, channels inside, channels out, kind, stride. */
function bneck<I extends number, M extends number, O extends number>(
  from: I,
  kernel: number,
  expanded: M,
  to: O,
  kind: Kind,
  stride: number,
) {
  return new Sequential(["block", block(from, kernel, expanded, to, kind, stride)]);
}

/** A row that keeps the shape, so that a shortcut leads around it. */
function kept<I extends number, M extends number>(channels: I, kernel: number, expanded: M, kind: Kind) {
  return new Residual(["block", block(channels, kernel, expanded, channels, kind, 1)]);
}

function block<I extends number, M extends number, O extends number>(
  from: I,
  kernel: number,
  expanded: M,
  to: O,
  kind: Kind,
  stride: number,
): InvertedBlock<I, M, O> {
  return invertedBlock(from, expanded, to, {
    kernel,
    stride,
    activation: () => (kind.endsWith("HS") ? new Hardswish() : new ReLU()),
    squeeze: kind.startsWith("SE")
      ? new SqueezeExcitation(expanded as number, wholeEights(expanded / 4), { scaleActivation: new Hardsigmoid() })
      : undefined,
    norm: NORM,
  });
}
