/** Batch normalisation: each channel by its own mean and variance. */
import { showShape, sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { channelsOf, perChannel } from "./channels.ts";
import { reshape } from "./reshape.ts";
import { moments, standardize } from "./standardize.ts";

/** What a channel is normalised by. */
export interface ChannelStatistics {
  /** [c]. */
  readonly mean: Tensor;
  /** [c]. */
  readonly variance: Tensor;
}

/** Statistics of the channels of one batch. */
export interface BatchStatistics extends ChannelStatistics {
  /** [c]: the variance times n / (n - 1), where n is how many elements a channel has. It is what running variances are made of. */
  readonly unbiasedVariance: Tensor;
}

/** Scale and offset of each channel after the normalisation, and what is added to the variance. */
export interface NormOptions {
  /** [c]. Default 1. */
  readonly weight?: Tensor | undefined;
  /** [c]. Default 0. */
  readonly bias?: Tensor | undefined;
  /** Default 1e-5. */
  readonly eps?: number;
}

/** Mean and variance of each channel of x [n, c, ...space], over the batch and all places. */
export function batchStatistics(x: Tensor): BatchStatistics {
  channelsOf("batchNorm", x);
  const { mean, variance, count } = moments(
    x,
    x.shape.flatMap((_, d) => (d === 1 ? [] : [d])),
  );
  // PyTorch: the same condition.
  if (count < 2) throw new OpError("batchNorm", `training needs more than one value per channel, got input ${showShape(x.shape)}`);
  return { mean: flat(mean), variance: flat(variance), unbiasedVariance: flat(mul(variance, count / (count - 1))) };
}

/**
 * (x - mean) / sqrt(variance + eps) * weight + bias, channel by channel of x [n, c, ...space]. Train with the statistics of the
 * batch (`batchStatistics`), evaluate with running ones (`runningAverage`). PyTorch's batch_norm.
 */
export function batchNorm(x: Tensor, statistics: ChannelStatistics, options: NormOptions = {}): Tensor {
  const c = channelsOf("batchNorm", x);
  const column = (what: string, t: Tensor): Tensor =>
    reshape(perChannel("batchNorm", what, t, c), [1, c, ...x.shape.slice(2).map(() => 1)]);
  return standardize(
    x,
    { mean: column("mean", statistics.mean), variance: column("variance", statistics.variance) },
    {
      weight: options.weight && column("weight", options.weight),
      bias: options.bias && column("bias", options.bias),
      eps: options.eps ?? 1e-5,
    },
  );
}

/** The running average after one more batch: (1 - momentum) * running + momentum * batch. */
// PyTorch: momentum is the weight of the new value, unlike an optimizer's.
export const runningAverage = (running: Tensor, batch: Tensor, momentum: number | Tensor): Tensor =>
  typeof momentum === "number" ? add(mul(running, 1 - momentum), mul(batch, momentum)) : add(running, mul(sub(batch, running), momentum));

const flat = (t: Tensor): Tensor => reshape(t, [sizeOf(t.shape)]);
