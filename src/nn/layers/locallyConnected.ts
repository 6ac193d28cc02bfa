import { OpError } from "../../ir/op.ts";
import { Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { localConv } from "../../ops/localConv.ts";
import { type Padding, type PaddingRule, perAxis, type Sizes, sidesOf } from "../../ops/window.ts";
import { fanInInit } from "../init.ts";
import { Layer } from "../layer.ts";
import { type Image, type Rank, splitImage } from "../shapes/image.ts";
import { Misfit, type Times, times, type Unless, type Wrong } from "../shapes/message.ts";
import { type Concatenated, type FitsAll, fits, type PartialShape, type ShapeFn } from "../shapes/shape.ts";
import { type Convolved, type WindowSizes, windowed } from "../shapes/window.ts";
import { type BadGroups, type ConvOptions, groupsOf, type Padding1, type Padding2, type Size2, wholeNumber } from "./conv.ts";

/** I channels to O channels, through windows at the positions of an image of size Z, and of no other. */
export interface LocallyConnectedFn<Op extends string, R extends Rank, I, O, Z, K, S, P, D> extends ShapeFn {
  readonly out: Convolved<OfSize<Image<this["in"], Op, R, I>, Op, SizeOf<Z, R>>, Op, O, K, S, P, D>;
}
interface Repeated<Z> {
  1: [Z];
  2: [Z, Z];
  3: [Z, Z, Z];
}
type SizeOf<Z, R extends Rank> = [Z] extends [number] ? Repeated<Z>[R] : Z;
type OfSize<T, Op extends string, Z> = T extends [infer N, infer C, infer Space]
  ? FitsAll<Space, Z> extends true
    ? [N, C, Z]
    : Wrong<`${Op} takes ${Times<Concatenated<[C], Z>>}, but its input is ${Times<Concatenated<[C], Space>>}`>
  : T;

type LocalOptions<S, P, D, G> = Omit<ConvOptions<S, P, D, G>, "paddingMode">;

/** What locally connected layers of every rank share. */
abstract class LocallyConnected<Op extends string, R extends Rank, I extends number, O extends number, Z, K, S, P, D> extends Layer<
  LocallyConnectedFn<Op, R, I, O, Z, K, S, P, D>
> {
  readonly type: Op;
  readonly inChannels: I;
  readonly outChannels: O;
  readonly groups: number;
  /** Extents of the images it takes. */
  readonly inputSize: readonly number[];
  /** Kernel, stride, padding and dilation along each spatial axis. */
  readonly window: WindowSizes;
  /** [outChannels, inChannels / groups, ...positions, ...kernel]. */
  readonly weight: Parameter;
  /** [outChannels, ...positions], or undefined without bias. */
  readonly bias: Parameter | undefined;

  constructor(
    type: Op,
    rank: R,
    inChannels: I,
    outChannels: O,
    inputSize: Sizes,
    kernelSize: Sizes,
    options: LocalOptions<unknown, unknown, unknown, unknown>,
  ) {
    super();
    const given = options as LocalOptions<Sizes, Padding | PaddingRule, Sizes, number>;
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = given;
    this.type = type;
    this.inChannels = wholeNumber(type, "inChannels", inChannels);
    this.outChannels = wholeNumber(type, "outChannels", outChannels);
    this.groups = groupsOf(type, inChannels, outChannels, groups);
    this.inputSize = perAxis(type, "inputSize", inputSize, rank);
    const sizes = {
      kernel: perAxis(type, "kernelSize", kernelSize, rank),
      stride: perAxis(type, "stride", stride, rank),
      dilation: perAxis(type, "dilation", dilation, rank),
    };
    this.window = { ...sizes, padding: sidesOf(type, padding, this.inputSize, sizes).map((sides) => sides!) };
    const positions = this.#positions();
    const perPosition = [inChannels / groups, ...sizes.kernel];
    const init = fanInInit(perPosition.reduce((a, b) => a * b, 1));
    this.weight = new Parameter([outChannels, inChannels / groups, ...positions, ...sizes.kernel], init);
    this.bias = bias ? new Parameter([outChannels, ...positions], init) : undefined;
  }

  /** How many windows there are along each axis. */
  #positions(): readonly number[] {
    try {
      const image = { batch: undefined, channels: this.inChannels, space: this.inputSize };
      return windowed(image, this.type, this.outChannels, this.window)!.slice(2) as readonly number[];
    } catch (error) {
      if (error instanceof Misfit) throw new OpError("", error.sentence);
      throw error;
    }
  }

  override outputShape(x: PartialShape): PartialShape {
    const rank = this.inputSize.length as Rank;
    const image = splitImage(x, this.type, rank, this.inChannels);
    if (!image.space.every((n, d) => fits(n, this.inputSize[d]))) {
      const [wanted, own] = [this.inputSize, image.space].map((space) => times([this.inChannels, ...space]));
      throw new Misfit(`${this.type} takes ${wanted}, but its input is ${own}`);
    }
    return windowed({ ...image, space: this.inputSize }, this.type, this.outChannels, this.window);
  }

  protected override apply(x: Tensor): Tensor {
    const { stride, padding, dilation } = this.window;
    return localConv(x, this.weight.tensor, this.bias?.tensor, { stride, padding, dilation, groups: this.groups });
  }
}

/** A filter of its own for every position of [n, inChannels, inputSize]. Keras's LocallyConnected1D; PyTorch has none. */
export class LocallyConnected1d<
  const I extends number,
  const O extends number,
  const Z extends number,
  const K extends number,
  const S extends number = 1,
  const P extends Padding1 | PaddingRule = 0,
  const D extends number = 1,
  const G extends number = 1,
> extends LocallyConnected<"LocallyConnected1d", 1, I, O, Z, K, S, P, D> {
  constructor(
    inChannels: I,
    outChannels: O,
    inputSize: Z,
    kernelSize: K,
    options: LocalOptions<S, P, D, Unless<BadGroups<I, O, G>, G>> = {},
  ) {
    super("LocallyConnected1d", 1, inChannels, outChannels, inputSize, kernelSize, options);
  }
}

/**
 * A filter of its own for every position of [n, inChannels, ...inputSize], for images whose parts are not alike: a face that fills the
 * picture, say. Keras's LocallyConnected2D; PyTorch has none.
 */
export class LocallyConnected2d<
  const I extends number,
  const O extends number,
  const Z extends Size2,
  const K extends Size2,
  const S extends Size2 = 1,
  const P extends Padding2 | Exclude<PaddingRule, "causal"> = 0,
  const D extends Size2 = 1,
  const G extends number = 1,
> extends LocallyConnected<"LocallyConnected2d", 2, I, O, Z, K, S, P, D> {
  constructor(
    inChannels: I,
    outChannels: O,
    inputSize: Z,
    kernelSize: K,
    options: LocalOptions<S, P, D, Unless<BadGroups<I, O, G>, G>> = {},
  ) {
    super("LocallyConnected2d", 2, inChannels, outChannels, inputSize, kernelSize, options);
  }
}
