import { OpError } from "../../ir/op.ts";
import { onesInit, Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { groupNorm, instanceNorm } from "../../ops/groupNorm.ts";
import { Layer } from "../layer.ts";
import type { Mod } from "../shapes/arith.ts";
import { type WithChannels, withChannels } from "../shapes/channels.ts";
import type { Rank } from "../shapes/image.ts";
import { type Count, count, type Unless } from "../shapes/message.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";
import { type ImageNormFn, keptImage } from "./batchNorm.ts";
import { wholeNumber } from "./conv.ts";

export interface GroupNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether each channel is scaled by a weight and moved by a bias afterwards. Default true. */
  readonly affine?: boolean;
}

/** C channels, kept. */
export interface GroupNormFn<C> extends ShapeFn {
  readonly out: WithChannels<this["in"], "GroupNorm", C>;
}

type BadGroups<G, C> = [number] extends [G | C]
  ? {}
  : [G, C] extends [infer G extends number, infer C extends number]
    ? [Mod<C, G>] extends [0]
      ? {}
      : { message: `numGroups must divide ${Count<C, "channel">}, got ${G}` }
    : {};

/**
 * [n, numChannels, ...space] with its channels in groups; each group of each image normalised by its own mean and variance, then
 * each channel scaled and moved. PyTorch's GroupNorm. Wu and He, "Group normalization", 2018.
 */
export class GroupNorm<const G extends number, const C extends number> extends Layer<GroupNormFn<C>> {
  readonly type = "GroupNorm";
  readonly numGroups: number;
  readonly numChannels: C;
  readonly eps: number;
  /** [numChannels], or undefined without affine. */
  readonly weight: Parameter | undefined;
  /** [numChannels], or undefined without affine. */
  readonly bias: Parameter | undefined;

  constructor(numGroups: Unless<BadGroups<G, C>, G>, numChannels: C, options: GroupNormOptions = {}) {
    super();
    this.numGroups = wholeNumber("GroupNorm", "numGroups", numGroups as number);
    this.numChannels = wholeNumber("GroupNorm", "numChannels", numChannels);
    if (this.numChannels % this.numGroups !== 0) {
      throw new OpError("GroupNorm", `numGroups must divide ${count(numChannels, "channel")}, got ${this.numGroups}`);
    }
    this.eps = options.eps ?? 1e-5;
    const affine = options.affine ?? true;
    this.weight = affine ? new Parameter([numChannels], onesInit) : undefined;
    this.bias = affine ? new Parameter([numChannels]) : undefined;
  }

  override outputShape(x: PartialShape): PartialShape {
    return withChannels(x, this.type, this.numChannels);
  }

  protected override apply(x: Tensor): Tensor {
    return groupNorm(x, this.numGroups, { weight: this.weight?.tensor, bias: this.bias?.tensor, eps: this.eps });
  }
}

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether each channel is scaled by a weight and moved by a bias afterwards. Default false, as in PyTorch. */
  readonly affine?: boolean;
}

/** What instance normalisations of every rank share. They do the same in training and evaluation. */
abstract class InstanceNorm<Op extends string, R extends Rank, C extends number> extends Layer<ImageNormFn<Op, R, C>> {
  readonly type: Op;
  readonly numFeatures: C;
  readonly eps: number;
  /** [numFeatures], or undefined without affine. */
  readonly weight: Parameter | undefined;
  /** [numFeatures], or undefined without affine. */
  readonly bias: Parameter | undefined;
  readonly #rank: R;

  constructor(type: Op, rank: R, numFeatures: C, options: InstanceNormOptions) {
    super();
    this.type = type;
    this.#rank = rank;
    this.numFeatures = wholeNumber(type, "numFeatures", numFeatures);
    this.eps = options.eps ?? 1e-5;
    this.weight = options.affine ? new Parameter([numFeatures], onesInit) : undefined;
    this.bias = options.affine ? new Parameter([numFeatures]) : undefined;
  }

  override outputShape(x: PartialShape): PartialShape {
    return keptImage(x, this.type, this.#rank, this.numFeatures);
  }

  protected override apply(x: Tensor): Tensor {
    return instanceNorm(x, { weight: this.weight?.tensor, bias: this.bias?.tensor, eps: this.eps });
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
