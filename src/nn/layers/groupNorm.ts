import { OpError } from "../../ir/op.ts";
import { onesInit, Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { groupNorm } from "../../ops/groupNorm.ts";
import { Layer } from "../layer.ts";
import type { Mod } from "../shapes/arith.ts";
import { type WithChannels, withChannels } from "../shapes/channels.ts";
import { type Count, count, type Unless } from "../shapes/message.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";
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
