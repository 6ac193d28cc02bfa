import { onesInit, Parameter, State } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { assign, currentMode, latest } from "../../ir/trace.ts";
import { batchNorm, runningAverage } from "../../ops/batchNorm.ts";
import { instanceNorm, instanceStatistics } from "../../ops/groupNorm.ts";
import { Layer } from "../layer.ts";
import type { Rank } from "../shapes/image.ts";
import type { PartialShape } from "../shapes/shape.ts";
import { type ImageNormFn, keptImage } from "./batchNorm.ts";
import { wholeNumber } from "./conv.ts";

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Weight of a new batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Whether each channel is scaled by a weight and moved by a bias afterwards. Default false, as in PyTorch. */
  readonly affine?: boolean;
  /** Whether running statistics are kept, for evaluation to use instead of each image's own. Default false, as in PyTorch. */
  readonly trackRunningStats?: boolean;
}

/** What instance normalisations of every rank share. */
abstract class InstanceNorm<Op extends string, R extends Rank, C extends number> extends Layer<ImageNormFn<Op, R, C>> {
  readonly type: Op;
  readonly numFeatures: C;
  readonly eps: number;
  /** [numFeatures], or undefined without affine. */
  readonly weight: Parameter | undefined;
  /** [numFeatures], or undefined without affine. */
  readonly bias: Parameter | undefined;
  readonly momentum: number;
  /** [numFeatures], or undefined where none is kept. */
  readonly runningMean: State | undefined;
  /** [numFeatures], or undefined where none is kept. */
  readonly runningVar: State | undefined;
  /** Stays 0. PyTorch: it stands in the state dict, and nothing counts. */
  readonly numBatchesTracked: State | undefined;
  readonly #rank: R;

  constructor(type: Op, rank: R, numFeatures: C, options: InstanceNormOptions) {
    super();
    this.type = type;
    this.#rank = rank;
    this.numFeatures = wholeNumber(type, "numFeatures", numFeatures);
    this.eps = options.eps ?? 1e-5;
    this.weight = options.affine ? new Parameter([numFeatures], onesInit) : undefined;
    this.bias = options.affine ? new Parameter([numFeatures]) : undefined;
    this.momentum = options.momentum ?? 0.1;
    this.runningMean = options.trackRunningStats ? new State([numFeatures]) : undefined;
    this.runningVar = options.trackRunningStats ? new State([numFeatures], onesInit) : undefined;
    this.numBatchesTracked = options.trackRunningStats ? new State([], undefined, "", "i32") : undefined;
  }

  override outputShape(x: PartialShape): PartialShape {
    return keptImage(x, this.type, this.#rank, this.numFeatures);
  }

  protected override apply(x: Tensor): Tensor {
    const options = { weight: this.weight?.tensor, bias: this.bias?.tensor, eps: this.eps };
    const { runningMean, runningVar } = this;
    if (!runningMean || !runningVar) return instanceNorm(x, options);
    if (currentMode() !== "train") return batchNorm(x, { mean: runningMean.tensor, variance: runningVar.tensor }, options);
    const batch = instanceStatistics(x);
    assign(runningMean, runningAverage(latest(runningMean), batch.mean, this.momentum));
    assign(runningVar, runningAverage(latest(runningVar), batch.variance, this.momentum));
    return instanceNorm(x, options);
  }
}

/** Each channel of each image of [n, numFeatures, length] normalised by its own mean and variance. PyTorch's InstanceNorm1d. */
export class InstanceNorm1d<const C extends number> extends InstanceNorm<"InstanceNorm1d", 1, C> {
  constructor(numFeatures: C, options: InstanceNormOptions = {}) {
    super("InstanceNorm1d", 1, numFeatures, options);
  }
}

/** Each channel of each image of [n, numFeatures, height, width] normalised by its own mean and variance. PyTorch's InstanceNorm2d. */
export class InstanceNorm2d<const C extends number> extends InstanceNorm<"InstanceNorm2d", 2, C> {
  constructor(numFeatures: C, options: InstanceNormOptions = {}) {
    super("InstanceNorm2d", 2, numFeatures, options);
  }
}

/** Each channel of each image of [n, numFeatures, depth, height, width] normalised by its own mean and variance. PyTorch's InstanceNorm3d. */
export class InstanceNorm3d<const C extends number> extends InstanceNorm<"InstanceNorm3d", 3, C> {
  constructor(numFeatures: C, options: InstanceNormOptions = {}) {
    super("InstanceNorm3d", 3, numFeatures, options);
  }
}
