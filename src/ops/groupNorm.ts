/** Normalisation of each image by itself: in groups of channels, or channel by channel. */
import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { div, mul } from "./arithmetic.ts";
import type { ChannelStatistics, NormOptions } from "./batchNorm.ts";
import { channelsOf, perChannel } from "./channels.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";
import { moments, squaredDeviation, standardize } from "./standardize.ts";
import { mean, sum } from "./sum.ts";

/**
 * x [n, c, ...space] with its channels in `groups` of c / groups: each group of each image is normalised by its own mean and
 * variance, then each channel scaled by `weight` [c] and moved by `bias` [c]. PyTorch's group_norm.
 */
export function groupNorm(x: Tensor, groups: number, options: NormOptions = {}): Tensor {
  const c = channelsOf("groupNorm", x);
  if (!Number.isInteger(groups) || groups < 1 || c % groups !== 0) {
    throw new OpError("groupNorm", `groups must divide ${c} channels, got ${groups}`);
  }
  return normalizeGroups("groupNorm", x, groups, options);
}

/**
 * Each channel of each image of x [n, c, ...space] normalised by its own mean and variance, then scaled by `weight` [c] and
 * moved by `bias` [c]. PyTorch's instance_norm.
 */
export function instanceNorm(x: Tensor, options: NormOptions = {}): Tensor {
  const c = channelsOf("instanceNorm", x);
  // PyTorch: the same condition.
  if (x.shape.slice(2).every((extent) => extent === 1)) {
    throw new OpError("instanceNorm", `needs more than one value per channel, got input ${showShape(x.shape)}`);
  }
  return normalizeGroups("instanceNorm", x, c, options);
}

/**
 * What running statistics of `instanceNorm` are made of: the mean of each channel of x [n, c, ...space], and the mean over images
 * of its unbiased variance within each, both [c].
 */
export function instanceStatistics(x: Tensor): ChannelStatistics {
  const c = channelsOf("instanceNorm", x);
  const {
    mean: means,
    variance,
    count,
  } = moments(
    x,
    x.shape.flatMap((_, d) => (d < 2 ? [] : [d])),
  );
  if (count < 2) throw new OpError("instanceNorm", `training needs more than one value per channel, got input ${showShape(x.shape)}`);
  const overImages = (t: Tensor): Tensor => reshape(mean(t, [0]), [c]);
  return { mean: overImages(means), variance: overImages(mul(variance, count / (count - 1))) };
}

/** Sums over space are taken channel by channel, where they run along memory; groups are made of those. */
function normalizeGroups(op: string, x: Tensor, groups: number, options: NormOptions): Tensor {
  const [n, c] = x.shape as readonly [number, number];
  const space = x.shape.flatMap((_, d) => (d < 2 ? [] : [d]));
  const ones = space.map(() => 1);
  const members = c / groups;
  const count = x.shape.slice(2).reduce((product, extent) => product * extent, members);
  /** The mean over each group, of sums over space, for each of its channels. */
  const groupMean = (sums: Tensor): Tensor => {
    if (members === 1) return div(sums, count);
    const means = div(sum(reshape(sums, [n, groups, members]), [2], true), count);
    return reshape(expand(means, [n, groups, members]), [n, c, ...ones]);
  };
  const means = groupMean(sum(x, space, true));
  const variance = groupMean(squaredDeviation(x, means, space));
  const column = (what: string, t: Tensor | undefined): Tensor | undefined => t && reshape(perChannel(op, what, t, c), [1, c, ...ones]);
  return standardize(
    x,
    { mean: means, variance },
    { weight: column("weight", options.weight), bias: column("bias", options.bias), eps: options.eps ?? 1e-5 },
  );
}
