import { Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { convTranspose } from "../../ops/conv.ts";
import { outputPaddingOf, type Padding, perAxis, perSide, type Sizes, transposedCount } from "../../ops/window.ts";
import { fanInInit } from "../init.ts";
import { Layer } from "../layer.ts";
import type { Add, Mul, Sub } from "../shapes/arith.ts";
import { type Image, type ImageOf, type Rank, splitImage } from "../shapes/image.ts";
import { Misfit, type Times, times, type Unless, type Wrong } from "../shapes/message.ts";
import type { Concatenated, PartialShape, ShapeFn } from "../shapes/shape.ts";
import type { Axis, Reach, Sides, WindowSizes } from "../shapes/window.ts";
import { type BadGroups, groupsOf, type Padding1, type Padding2, type Padding3, type Size2, type Size3, wholeNumber } from "./conv.ts";

/** I channels to O channels, each element spread over a window. */
export interface ConvTransposeFn<Op extends string, R extends Rank, I, O, K, S, P, E, D> extends ShapeFn {
  readonly out: Spread<Image<this["in"], Op, R, I>, Op, O, K, S, P, E, D>;
}
type Spread<T, Op extends string, O, K, S, P, E, D> = T extends [infer N, infer C, infer Space]
  ? SpreadSpace<Space, K, S, P, E, D> extends infer Y
    ? Y extends string
      ? Wrong<`${Op}: ${Y} (${Times<Concatenated<[C], Space>>})`>
      : ImageOf<N, O, Y>
    : never
  : T;

/** (n - 1) s - sides + d (k - 1) + e + 1, or less than 1 where padding leaves nothing. */
type SpreadAxis<N, K, S, P, E, D> = [number] extends [N | K | S | P | E | D]
  ? number
  : [N, K, S, P, E, D] extends [
        infer N extends number,
        infer K extends number,
        infer S extends number,
        infer P extends number,
        infer E extends number,
        infer D extends number,
      ]
    ? Sub<Add<Mul<Sub<N, 1>, S>, Add<Reach<K, D>, Add<E, 1>>>, P>
    : number;
type SpreadSpace<Space, K, S, P, E, D, R extends readonly unknown[] = []> = Space extends readonly [infer H, ...infer T]
  ? SpreadAxis<
      H,
      Axis<K, R["length"]>,
      Axis<S, R["length"]>,
      Sides<Axis<P, R["length"]>>,
      Axis<E, R["length"]>,
      Axis<D, R["length"]>
    > extends infer M
    ? [M] extends [0 | -1]
      ? "padding leaves nothing of the result"
      : SpreadSpace<T, K, S, P, E, D, [...R, M]>
    : never
  : R;

interface ConvTransposeOptions<S, P, E, D, G> {
  /** How far apart the windows lie that the inputs are spread over. Default 1. */
  readonly stride?: S;
  /** How much of the result is cut off: on both sides, or [before, after] for each axis. Default 0. */
  readonly padding?: P;
  /** Elements added at the end, to choose among the sizes that a strided convolution maps to one. Default 0. */
  readonly outputPadding?: E;
  /** Distance between the elements of one window. Default 1. */
  readonly dilation?: D;
  /** Parts that the channels are split into, each convolved by itself. Default 1. */
  readonly groups?: G;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
}

/** What transposed convolutions of every rank share. */
abstract class ConvTranspose<Op extends string, R extends Rank, I extends number, O extends number, K, S, P, E, D> extends Layer<
  ConvTransposeFn<Op, R, I, O, K, S, P, E, D>
> {
  readonly type: Op;
  readonly inChannels: I;
  readonly outChannels: O;
  readonly groups: number;
  /** Kernel, stride, padding and dilation along each spatial axis. */
  readonly window: WindowSizes;
  readonly outputPadding: readonly number[];
  /** [inChannels, outChannels / groups, ...kernel]. */
  readonly weight: Parameter;
  /** [outChannels], or undefined without bias. */
  readonly bias: Parameter | undefined;

  constructor(
    type: Op,
    rank: R,
    inChannels: I,
    outChannels: O,
    kernelSize: Sizes,
    options: ConvTransposeOptions<unknown, unknown, unknown, unknown, unknown>,
  ) {
    super();
    const given = options as ConvTransposeOptions<Sizes, Padding, Sizes, Sizes, number>;
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1, bias = true } = given;
    this.type = type;
    this.inChannels = wholeNumber(type, "inChannels", inChannels);
    this.outChannels = wholeNumber(type, "outChannels", outChannels);
    this.groups = groupsOf(type, inChannels, outChannels, groups);
    this.window = {
      kernel: perAxis(type, "kernelSize", kernelSize, rank),
      stride: perAxis(type, "stride", stride, rank),
      padding: perSide(type, padding, rank),
      dilation: perAxis(type, "dilation", dilation, rank),
    };
    this.outputPadding = outputPaddingOf(type, outputPadding, this.window.stride, this.window.dilation);
    const filter = [outChannels / groups, ...this.window.kernel];
    // PyTorch: the fan-in of a transposed weight is taken along its second axis, which here is the outputs'.
    const init = fanInInit(filter.reduce((a, b) => a * b, 1));
    this.weight = new Parameter([inChannels, ...filter], init);
    this.bias = bias ? new Parameter([outChannels], init) : undefined;
  }

  override outputShape(x: PartialShape): PartialShape {
    const { kernel, stride, padding, dilation } = this.window;
    const image = splitImage(x, this.type, kernel.length as Rank, this.inChannels);
    const space = image.space.map((n, d) => {
      if (n === undefined) return undefined;
      const size = transposedCount(n, kernel[d]!, stride[d]!, padding[d]!, dilation[d]!, this.outputPadding[d]!);
      if (size > 0) return size;
      throw new Misfit(`${this.type}: padding leaves nothing of the result (${times([image.channels, ...image.space])})`);
    });
    return [image.batch, this.outChannels, ...space];
  }

  protected override apply(x: Tensor): Tensor {
    const { stride, padding, dilation } = this.window;
    const { outputPadding, groups } = this;
    return convTranspose(x, this.weight.tensor, this.bias?.tensor, { stride, padding, outputPadding, dilation, groups });
  }
}

/** Transposed convolution over [n, inChannels, length]. PyTorch's ConvTranspose1d. */
export class ConvTranspose1d<
  const I extends number,
  const O extends number,
  const K extends number,
  const S extends number = 1,
  const P extends Padding1 = 0,
  const E extends number = 0,
  const D extends number = 1,
  const G extends number = 1,
> extends ConvTranspose<"ConvTranspose1d", 1, I, O, K, S, P, E, D> {
  constructor(inChannels: I, outChannels: O, kernelSize: K, options: ConvTransposeOptions<S, P, E, D, Unless<BadGroups<I, O, G>, G>> = {}) {
    super("ConvTranspose1d", 1, inChannels, outChannels, kernelSize, options);
  }
}

/** Transposed convolution over [n, inChannels, height, width]. PyTorch's ConvTranspose2d. */
export class ConvTranspose2d<
  const I extends number,
  const O extends number,
  const K extends Size2,
  const S extends Size2 = 1,
  const P extends Padding2 = 0,
  const E extends Size2 = 0,
  const D extends Size2 = 1,
  const G extends number = 1,
> extends ConvTranspose<"ConvTranspose2d", 2, I, O, K, S, P, E, D> {
  constructor(inChannels: I, outChannels: O, kernelSize: K, options: ConvTransposeOptions<S, P, E, D, Unless<BadGroups<I, O, G>, G>> = {}) {
    super("ConvTranspose2d", 2, inChannels, outChannels, kernelSize, options);
  }
}

/** Transposed convolution over [n, inChannels, depth, height, width]. PyTorch's ConvTranspose3d. */
export class ConvTranspose3d<
  const I extends number,
  const O extends number,
  const K extends Size3,
  const S extends Size3 = 1,
  const P extends Padding3 = 0,
  const E extends Size3 = 0,
  const D extends Size3 = 1,
  const G extends number = 1,
> extends ConvTranspose<"ConvTranspose3d", 3, I, O, K, S, P, E, D> {
  constructor(inChannels: I, outChannels: O, kernelSize: K, options: ConvTransposeOptions<S, P, E, D, Unless<BadGroups<I, O, G>, G>> = {}) {
    super("ConvTranspose3d", 3, inChannels, outChannels, kernelSize, options);
  }
}
