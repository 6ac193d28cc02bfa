import { onesInit, Parameter, State } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { assign, currentMode, latest } from "../../ir/trace.ts";
import { div } from "../../ops/arithmetic.ts";
import { batchNorm, batchStatistics, type ChannelStatistics, runningAverage } from "../../ops/batchNorm.ts";
import { increment } from "../../ops/increment.ts";
import { toFloat } from "../../ops/toFloat.ts";
import { Layer } from "../layer.ts";
import { type Whole, type WithChannels, withChannels } from "../shapes/channels.ts";
import { type Image, type Rank, splitImage } from "../shapes/image.ts";
import { Misfit, type Show, show, type Wrong } from "../shapes/message.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";
import { wholeNumber } from "./conv.ts";

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Weight of a new batch in the running statistics; null averages all batches alike. Default 0.1. */
  readonly momentum?: number | null;
  /** Whether each channel is scaled by a weight and moved by a bias afterwards. Default true. */
  readonly affine?: boolean;
  /** Whether running statistics are kept for evaluation; without, each batch is normalised by its own. Default true. */
  readonly trackRunningStats?: boolean;
}

/** Images of rank R with C channels, kept. */
export interface ImageNormFn<Op extends string, R extends Rank, C> extends ShapeFn {
  readonly out: Whole<Image<this["in"], Op, R, C>>;
}

/** [n, C] or [n, C, length], kept. */
export interface BatchNorm1dFn<C> extends ShapeFn {
  readonly out: FeaturesOrLength<this["in"], C>;
}
type FeaturesOrLength<X, C> = X extends readonly [unknown, unknown] | readonly [unknown, unknown, unknown]
  ? WithChannels<X, "BatchNorm1d", C>
  : X extends readonly [] | readonly [unknown] | readonly [unknown, unknown, unknown, unknown, ...unknown[]]
    ? Wrong<`BatchNorm1d takes features or channels x length, but its input is ${Show<X>}`>
    : X;

/** What batch normalisations of every rank share. */
abstract class BatchNorm<Op extends string, F extends ShapeFn, C extends number> extends Layer<F> {
  readonly type: Op;
  readonly numFeatures: C;
  readonly eps: number;
  readonly momentum: number | null;
  /** [numFeatures], or undefined without affine. */
  readonly weight: Parameter | undefined;
  /** [numFeatures], or undefined without affine. */
  readonly bias: Parameter | undefined;
  /** [numFeatures], or undefined where none is kept. */
  readonly runningMean: State | undefined;
  /** [numFeatures], or undefined where none is kept. */
  readonly runningVar: State | undefined;
  /** How many batches the running statistics have seen (i32). PyTorch: i64, which weights are loaded from. */
  readonly numBatchesTracked: State | undefined;

  constructor(type: Op, numFeatures: C, options: BatchNormOptions) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    this.type = type;
    this.numFeatures = wholeNumber(type, "numFeatures", numFeatures);
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? new Parameter([numFeatures], onesInit) : undefined;
    this.bias = affine ? new Parameter([numFeatures]) : undefined;
    this.runningMean = trackRunningStats ? new State([numFeatures]) : undefined;
    this.runningVar = trackRunningStats ? new State([numFeatures], onesInit) : undefined;
    this.numBatchesTracked = trackRunningStats ? new State([], undefined, "", "i32") : undefined;
  }

  protected override apply(x: Tensor): Tensor {
    const options = { weight: this.weight?.tensor, bias: this.bias?.tensor, eps: this.eps };
    const { runningMean, runningVar } = this;
    const train = currentMode() === "train";
    const running = runningMean && runningVar && { mean: runningMean.tensor, variance: runningVar.tensor };
    return batchNorm(x, train || !running ? this.#ofBatch(x, train) : running, options);
  }

  /** The statistics of this batch, which change the running ones if we train. */
  #ofBatch(x: Tensor, train: boolean): ChannelStatistics {
    const batch = batchStatistics(x);
    const { runningMean, runningVar, numBatchesTracked } = this;
    if (!train || !runningMean || !runningVar || !numBatchesTracked) return batch;
    const seen = increment(latest(numBatchesTracked));
    const momentum = this.momentum ?? div(1, toFloat(seen));
    assign(numBatchesTracked, seen);
    assign(runningMean, runningAverage(latest(runningMean), batch.mean, momentum));
    assign(runningVar, runningAverage(latest(runningVar), batch.unbiasedVariance, momentum));
    return batch;
  }
}

/**
 * Each channel of [n, numFeatures] or [n, numFeatures, length] normalised: by the batch's mean and variance where we train, by
 * running ones where we evaluate. PyTorch's BatchNorm1d.
 */
export class BatchNorm1d<const C extends number> extends BatchNorm<"BatchNorm1d", BatchNorm1dFn<C>, C> {
  constructor(numFeatures: C, options: BatchNormOptions = {}) {
    super("BatchNorm1d", numFeatures, options);
  }

  override outputShape(x: PartialShape): PartialShape {
    if (x === undefined || x.length === 2 || x.length === 3) return withChannels(x, this.type, this.numFeatures);
    throw new Misfit(`BatchNorm1d takes features or channels x length, but its input is ${show(x)}`);
  }
}

/** What the normalisations of images share. */
abstract class ImageBatchNorm<Op extends string, R extends Rank, C extends number> extends BatchNorm<Op, ImageNormFn<Op, R, C>, C> {
  readonly #rank: R;

  constructor(type: Op, rank: R, numFeatures: C, options: BatchNormOptions) {
    super(type, numFeatures, options);
    this.#rank = rank;
  }

  override outputShape(x: PartialShape): PartialShape {
    return keptImage(x, this.type, this.#rank, this.numFeatures);
  }
}

/** The shape of an image of this rank and with these channels, as far as it is known. Throws a Misfit if `x` is none. */
export function keptImage(x: PartialShape, op: string, rank: Rank, channels?: number): PartialShape {
  const image = splitImage(x, op, rank, channels);
  return [image.batch, image.channels, ...image.space];
}

/**
 * Each channel of [n, numFeatures, height, width] normalised: by the batch's mean and variance where we train, by running ones
 * where we evaluate. PyTorch's BatchNorm2d. Ioffe and Szegedy, "Batch normalization", 2015.
 */
export class BatchNorm2d<const C extends number> extends ImageBatchNorm<"BatchNorm2d", 2, C> {
  constructor(numFeatures: C, options: BatchNormOptions = {}) {
    super("BatchNorm2d", 2, numFeatures, options);
  }
}

/**
 * Each channel of [n, numFeatures, depth, height, width] normalised: by the batch's mean and variance where we train, by running
 * ones where we evaluate. PyTorch's BatchNorm3d.
 */
export class BatchNorm3d<const C extends number> extends ImageBatchNorm<"BatchNorm3d", 3, C> {
  constructor(numFeatures: C, options: BatchNormOptions = {}) {
    super("BatchNorm3d", 3, numFeatures, options);
  }
}
