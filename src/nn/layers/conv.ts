import { OpError } from "../../ir/op.ts";
import { Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { conv, type PaddingMode } from "../../ops/conv.ts";
import type { ConvAlgorithm } from "../../ops/convAlgorithms.ts";
import { type Padding, type PaddingRule, perAxis, type Sizes, sidesOf } from "../../ops/window.ts";
import { fanInInit } from "../init.ts";
import { Layer } from "../layer.ts";
import type { Mod } from "../shapes/arith.ts";
import { type Image, type Rank, splitImage } from "../shapes/image.ts";
import { type Count, count, type Unless } from "../shapes/message.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";
import { type Convolved, type ConvSizes, windowed } from "../shapes/window.ts";

/** I channels to O channels, through windows. */
export interface ConvFn<Op extends string, R extends Rank, I, O, K, S, P, D> extends ShapeFn {
  readonly out: Convolved<Image<this["in"], Op, R, I>, Op, O, K, S, P, D>;
}

/** {}, or why I and O channels cannot be in G groups. For `Unless`. */
export type BadGroups<I, O, G> = [number] extends [I | O | G]
  ? {}
  : [I, O, G] extends [infer I extends number, infer O extends number, infer G extends number]
    ? [Mod<I, G>, Mod<O, G>] extends [0, 0]
      ? {}
      : { message: `groups must divide ${Count<I, "channel">} in and ${O} out, got ${G}` }
    : {};

/** One size for both axes, or [height, width]. */
export type Size2 = number | readonly [height: number, width: number];
/** One size for all axes, or [depth, height, width]. */
export type Size3 = number | readonly [depth: number, height: number, width: number];
/** The same number before and after an axis, or [before, after]; negative crops. */
type Side = number | readonly [before: number, after: number];
/** Padding of one, two or three axes. */
export type Padding1 = number | readonly [Side];
export type Padding2 = number | readonly [height: Side, width: Side];
export type Padding3 = number | readonly [depth: Side, height: Side, width: Side];
/** Rules for axes of space; "causal" is for one of time. */
type SpaceRule = Exclude<PaddingRule, "causal">;

export interface ConvOptions<S, P, D, G> {
  /** How far the window moves. Default 1. */
  readonly stride?: S;
  /**
   * How much stands around the input: on both sides, or [before, after] for each axis; "valid" (none, the default), "same" (so that the
   * size is that of the input, divided by the stride and rounded up), "full" (every window that touches the input), "causal" (as much
   * before as the window reaches, none after).
   */
  readonly padding?: P;
  /** What stands there: zeros (the default), or the input continued by reflection, repetition of its edge or from its other end. */
  readonly paddingMode?: PaddingMode;
  /** Distance between the elements that one window reads. Default 1. */
  readonly dilation?: D;
  /** Parts that the channels are split into, each convolved by itself. Default 1. */
  readonly groups?: G;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** How it and its gradients are computed; see `conv` in fovea/ops. Default "auto": direct, and always the same bits. */
  readonly algorithm?: ConvAlgorithm;
}

/** What convolutions of every rank share. */
abstract class Conv<Op extends string, R extends Rank, I extends number, O extends number, K, S, P, D> extends Layer<
  ConvFn<Op, R, I, O, K, S, P, D>
> {
  readonly type: Op;
  readonly inChannels: I;
  readonly outChannels: O;
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  readonly algorithm: ConvAlgorithm;
  /** Kernel, stride, padding and dilation along each spatial axis. */
  readonly window: ConvSizes;
  /** [outChannels, inChannels / groups, ...kernel]. */
  readonly weight: Parameter;
  /** [outChannels], or undefined without bias. */
  readonly bias: Parameter | undefined;
  readonly #padding: Padding | PaddingRule;

  constructor(
    type: Op,
    rank: R,
    inChannels: I,
    outChannels: O,
    kernelSize: Sizes,
    options: ConvOptions<unknown, unknown, unknown, unknown>,
  ) {
    super();
    const given = options as ConvOptions<Sizes, Padding | PaddingRule, Sizes, number>;
    const { stride = 1, padding = 0, paddingMode = "zeros", dilation = 1, groups = 1, bias = true, algorithm = "auto" } = given;
    this.type = type;
    this.inChannels = wholeNumber(type, "inChannels", inChannels);
    this.outChannels = wholeNumber(type, "outChannels", outChannels);
    this.groups = groupsOf(type, inChannels, outChannels, groups);
    this.paddingMode = paddingMode;
    this.algorithm = algorithm;
    const sizes = {
      kernel: perAxis(type, "kernelSize", kernelSize, rank),
      stride: perAxis(type, "stride", stride, rank),
      dilation: perAxis(type, "dilation", dilation, rank),
    };
    this.#padding = padding;
    this.window = { ...sizes, padding: sidesOf(type, padding, new Array<undefined>(rank).fill(undefined), sizes) };
    const filter = [inChannels / groups, ...sizes.kernel];
    const init = fanInInit(filter.reduce((a, b) => a * b, 1));
    this.weight = new Parameter([outChannels, ...filter], init);
    this.bias = bias ? new Parameter([outChannels], init) : undefined;
  }

  override outputShape(x: PartialShape): PartialShape {
    const rank = this.window.kernel.length as Rank;
    return windowed(splitImage(x, this.type, rank, this.inChannels), this.type, this.outChannels, this.window);
  }

  protected override apply(x: Tensor): Tensor {
    const { stride, dilation } = this.window;
    const { groups, paddingMode, algorithm } = this;
    return conv(x, this.weight.tensor, this.bias?.tensor, { stride, padding: this.#padding, paddingMode, dilation, groups, algorithm });
  }
}

/** `n`, checked. */
export function wholeNumber<N extends number>(type: string, what: string, n: N): N {
  if (!Number.isInteger(n) || n < 1) throw new OpError(type, `${what} must be a whole number of at least 1, got ${n}`);
  return n;
}

/** `groups`, checked: so many parts of both channel counts. */
export function groupsOf(type: string, inChannels: number, outChannels: number, groups: number): number {
  wholeNumber(type, "groups", groups);
  if (inChannels % groups === 0 && outChannels % groups === 0) return groups;
  throw new OpError(type, `groups must divide ${count(inChannels, "channel")} in and ${outChannels} out, got ${groups}`);
}

/** Convolution over [n, inChannels, length]. PyTorch's Conv1d. */
export class Conv1d<
  const I extends number,
  const O extends number,
  const K extends number,
  const S extends number = 1,
  const P extends Padding1 | PaddingRule = 0,
  const D extends number = 1,
  const G extends number = 1,
> extends Conv<"Conv1d", 1, I, O, K, S, P, D> {
  constructor(inChannels: I, outChannels: O, kernelSize: K, options: ConvOptions<S, P, D, Unless<BadGroups<I, O, G>, G>> = {}) {
    super("Conv1d", 1, inChannels, outChannels, kernelSize, options);
  }
}

/** Convolution over [n, inChannels, height, width]. PyTorch's Conv2d. */
export class Conv2d<
  const I extends number,
  const O extends number,
  const K extends Size2,
  const S extends Size2 = 1,
  const P extends Padding2 | SpaceRule = 0,
  const D extends Size2 = 1,
  const G extends number = 1,
> extends Conv<"Conv2d", 2, I, O, K, S, P, D> {
  constructor(inChannels: I, outChannels: O, kernelSize: K, options: ConvOptions<S, P, D, Unless<BadGroups<I, O, G>, G>> = {}) {
    super("Conv2d", 2, inChannels, outChannels, kernelSize, options);
  }
}

/** Convolution over [n, inChannels, depth, height, width]. PyTorch's Conv3d. */
export class Conv3d<
  const I extends number,
  const O extends number,
  const K extends Size3,
  const S extends Size3 = 1,
  const P extends Padding3 | SpaceRule = 0,
  const D extends Size3 = 1,
  const G extends number = 1,
> extends Conv<"Conv3d", 3, I, O, K, S, P, D> {
  constructor(inChannels: I, outChannels: O, kernelSize: K, options: ConvOptions<S, P, D, Unless<BadGroups<I, O, G>, G>> = {}) {
    super("Conv3d", 3, inChannels, outChannels, kernelSize, options);
  }
}
