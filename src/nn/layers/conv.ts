import { OpError } from "../../ir/op.ts";
import { Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { conv } from "../../ops/conv.ts";
import { perAxis, perSide, type Sizes } from "../../ops/window.ts";
import { fanInInit } from "../init.ts";
import { Layer } from "../layer.ts";
import type { Mod } from "../shapes/arith.ts";
import { type Image, type Rank, splitImage } from "../shapes/image.ts";
import { type Count, count, type Name, type Times, times, type Unless } from "../shapes/message.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";
import { type Convolved, type WindowSizes, windowed } from "../shapes/window.ts";

/** I channels to O channels, through windows. */
export interface ConvFn<Op extends string, R extends Rank, I, O, K, S, P, D> extends ShapeFn {
  readonly out: Convolved<Image<this["in"], Op, R, I>, Op, O, K, S, P, D>;
}

type BadGroups<I, O, G> = [number] extends [I | O | G]
  ? {}
  : [I, O, G] extends [infer I extends number, infer O extends number, infer G extends number]
    ? [Mod<I, G>, Mod<O, G>] extends [0, 0]
      ? {}
      : { message: `groups must divide ${Count<I, "channel">} in and ${O} out, got ${G}` }
    : {};
type BadPadding<P, S> = [P] extends ["valid" | Sizes] ? {} : NotOne<S, S>;
/** Bad if a stride is known not to be 1; `All` is for the message. */
type NotOne<S, All> = [1] extends [S]
  ? {}
  : S extends readonly [infer A, ...infer T]
    ? [1] extends [A]
      ? NotOne<T, All>
      : NotOne<A, All>
    : S extends readonly unknown[]
      ? {}
      : { message: `padding same needs stride 1, got ${All extends readonly unknown[] ? Times<All> : Name<All>}` };

/** One size for both axes, or [height, width]. */
type Size2 = number | readonly [height: number, width: number];

interface ConvOptions<S, P, D, G> {
  /** How far the window moves. Default 1. */
  readonly stride?: S;
  /** Zeros on both sides, "same" (as many as keep the size; needs stride 1) or "valid" (none, the default). */
  readonly padding?: P;
  /** Distance between the elements that one window reads. Default 1. */
  readonly dilation?: D;
  /** Parts that the channels are split into, each convolved by itself. Default 1. */
  readonly groups?: G;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
}

/** What convolutions of every rank share. */
abstract class Conv<Op extends string, R extends Rank, I extends number, O extends number, K, S, P, D> extends Layer<
  ConvFn<Op, R, I, O, K, S, P, D>
> {
  readonly type: Op;
  readonly inChannels: I;
  readonly outChannels: O;
  readonly groups: number;
  /** Kernel, stride, padding and dilation along each spatial axis. */
  readonly window: WindowSizes;
  /** [outChannels, inChannels / groups, ...kernel]. */
  readonly weight: Parameter;
  /** [outChannels], or undefined without bias. */
  readonly bias: Parameter | undefined;

  constructor(
    type: Op,
    rank: R,
    inChannels: I,
    outChannels: O,
    kernelSize: Sizes,
    options: ConvOptions<unknown, unknown, unknown, unknown>,
  ) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options as ConvOptions<Sizes, Sizes | string, Sizes, number>;
    [inChannels, outChannels] = [wholeNumber(type, "inChannels", inChannels), wholeNumber(type, "outChannels", outChannels)];
    this.type = type;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.groups = wholeNumber(type, "groups", groups);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new OpError(type, `groups must divide ${count(inChannels, "channel")} in and ${outChannels} out, got ${groups}`);
    }
    const sizes = perAxis(type, "kernelSize", kernelSize, rank);
    const [strides, dilations] = [perAxis(type, "stride", stride, rank), perAxis(type, "dilation", dilation, rank)];
    this.window = { kernel: sizes, stride: strides, padding: sides(type, padding, sizes, stride, dilations), dilation: dilations };
    const filter = [inChannels / groups, ...sizes];
    const init = fanInInit(filter.reduce((a, b) => a * b, 1));
    this.weight = new Parameter([outChannels, ...filter], init);
    this.bias = bias ? new Parameter([outChannels], init) : undefined;
  }

  override outputShape(x: PartialShape): PartialShape {
    const rank = this.window.kernel.length as Rank;
    return windowed(splitImage(x, this.type, rank, this.inChannels), this.type, this.outChannels, this.window);
  }

  protected override apply(x: Tensor): Tensor {
    const { stride, padding, dilation } = this.window;
    return conv(x, this.weight.tensor, this.bias?.tensor, { stride, padding, dilation, groups: this.groups });
  }
}

/** [before, after] along each axis for a layer's padding option. */
function sides(
  type: string,
  padding: Sizes | string,
  kernel: readonly number[],
  stride: Sizes,
  dilation: readonly number[],
): readonly (readonly [number, number])[] {
  if (padding === "same") {
    const strides = typeof stride === "number" ? [stride] : stride;
    if (strides.some((s) => s !== 1)) throw new OpError(type, `padding same needs stride 1, got ${times(strides)}`);
    // PyTorch: of an odd number, the extra zero comes after.
    return kernel.map((k, d) => [Math.floor((dilation[d]! * (k - 1)) / 2), Math.ceil((dilation[d]! * (k - 1)) / 2)]);
  }
  if (padding === "valid") return kernel.map(() => [0, 0]);
  if (typeof padding === "string") throw new OpError(type, `padding must be a size, "same" or "valid", got "${padding}"`);
  return perSide(type, padding, kernel.length);
}

function wholeNumber<N extends number>(type: string, what: string, n: N): N {
  if (!Number.isInteger(n) || n < 1) throw new OpError(type, `${what} must be a whole number of at least 1, got ${n}`);
  return n;
}

/** Convolution over [n, inChannels, length]. PyTorch's Conv1d. */
export class Conv1d<
  const I extends number,
  const O extends number,
  const K extends number,
  const S extends number = 1,
  const P extends number | "same" | "valid" = 0,
  const D extends number = 1,
  const G extends number = 1,
> extends Conv<"Conv1d", 1, I, O, K, S, P, D> {
  constructor(
    inChannels: I,
    outChannels: O,
    kernelSize: K,
    options: ConvOptions<Unless<BadPadding<P, S>, S>, P, D, Unless<BadGroups<I, O, G>, G>> = {},
  ) {
    super("Conv1d", 1, inChannels, outChannels, kernelSize, options);
  }
}

/** Convolution over [n, inChannels, height, width]. PyTorch's Conv2d. */
export class Conv2d<
  const I extends number,
  const O extends number,
  const K extends Size2,
  const S extends Size2 = 1,
  const P extends Size2 | "same" | "valid" = 0,
  const D extends Size2 = 1,
  const G extends number = 1,
> extends Conv<"Conv2d", 2, I, O, K, S, P, D> {
  constructor(
    inChannels: I,
    outChannels: O,
    kernelSize: K,
    options: ConvOptions<Unless<BadPadding<P, S>, S>, P, D, Unless<BadGroups<I, O, G>, G>> = {},
  ) {
    super("Conv2d", 2, inChannels, outChannels, kernelSize, options);
  }
}
