import type { Tensor } from "../../ir/tensor.ts";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "../../ops/shuffle.ts";
import { Layer } from "../layer.ts";
import type { Div, Mod, Mul } from "../shapes/arith.ts";
import { type Image, type ImageOf, splitImage } from "../shapes/image.ts";
import { Misfit, type Name, type Show, show, type Times, times, type Wrong } from "../shapes/message.ts";
import type { Concatenated, PartialShape, ShapeFn, Size } from "../shapes/shape.ts";
import { wholeNumber } from "./conv.ts";

type Product<A, B> = [number] extends [A | B]
  ? number
  : [A, B] extends [infer A extends number, infer B extends number]
    ? Mul<A, B>
    : number;
/** A / B, -1 where it is not whole. */
type Quotient<A, B> = [number] extends [A | B]
  ? number
  : [A, B] extends [infer A extends number, infer B extends number]
    ? Mod<A, B> extends 0
      ? Div<A, B>
      : -1
    : number;

/** Channels by R x R fewer, pixels by as many more. */
export interface PixelShuffleFn<R> extends ShapeFn {
  readonly out: Shuffled<Image<this["in"], "PixelShuffle", 2, number>, R>;
}
type Shuffled<T, R> = T extends [infer N, infer C, infer Space]
  ? Space extends readonly [infer H, infer W]
    ? Quotient<C, Product<R, R>> extends infer O
      ? [O] extends [-1]
        ? Wrong<`PixelShuffle: channels must be a multiple of ${Name<Product<R, R>>} (${Times<Concatenated<[C], Space>>})`>
        : ImageOf<N, O, [Product<H, R>, Product<W, R>]>
      : never
    : never
  : T;

/** Pixels by R x R fewer, channels by as many more. */
export interface PixelUnshuffleFn<R> extends ShapeFn {
  readonly out: Unshuffled<Image<this["in"], "PixelUnshuffle", 2, number>, R>;
}
type Unshuffled<T, R> = T extends [infer N, infer C, infer Space]
  ? Space extends readonly [infer H, infer W]
    ? [Quotient<H, R>, Quotient<W, R>] extends infer S
      ? [-1] extends [S[keyof S & ("0" | "1")]]
        ? Wrong<`PixelUnshuffle: height and width must be multiples of ${Name<R>} (${Times<Concatenated<[C], Space>>})`>
        : ImageOf<N, Product<C, Product<R, R>>, S>
      : never
    : never
  : T;

/** Channels in G groups. */
export interface ChannelShuffleFn<G> extends ShapeFn {
  readonly out: Dealt<this["in"], G>;
}
type Dealt<X, G> = X extends readonly [unknown, infer C, ...unknown[]]
  ? [Quotient<C, G>] extends [-1]
    ? Wrong<`ChannelShuffle: groups ${Name<G>} must divide the channels (${Show<X>})`>
    : X
  : X;

const quotient = (a: Size, b: number): Size => (a === undefined ? undefined : a / b);

/** [n, c r^2, h, w] to [n, c, h r, w r]. PyTorch's PixelShuffle. */
export class PixelShuffle<const R extends number> extends Layer<PixelShuffleFn<R>> {
  readonly type = "PixelShuffle";
  readonly upscaleFactor: R;

  constructor(upscaleFactor: R) {
    super();
    this.upscaleFactor = wholeNumber("PixelShuffle", "upscaleFactor", upscaleFactor);
  }

  override outputShape(x: PartialShape): PartialShape {
    const r = this.upscaleFactor;
    const { batch, channels, space } = splitImage(x, this.type, 2);
    const out = quotient(channels, r * r);
    if (out !== undefined && !Number.isInteger(out)) {
      throw new Misfit(`PixelShuffle: channels must be a multiple of ${r * r} (${times([channels, ...space])})`);
    }
    return [batch, out, ...space.map((n) => (n === undefined ? undefined : n * r))];
  }

  protected override apply(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }
}

/** [n, c, h r, w r] to [n, c r^2, h, w]. PyTorch's PixelUnshuffle. */
export class PixelUnshuffle<const R extends number> extends Layer<PixelUnshuffleFn<R>> {
  readonly type = "PixelUnshuffle";
  readonly downscaleFactor: R;

  constructor(downscaleFactor: R) {
    super();
    this.downscaleFactor = wholeNumber("PixelUnshuffle", "downscaleFactor", downscaleFactor);
  }

  override outputShape(x: PartialShape): PartialShape {
    const r = this.downscaleFactor;
    const { batch, channels, space } = splitImage(x, this.type, 2);
    const out = space.map((n) => quotient(n, r));
    if (out.some((n) => n !== undefined && !Number.isInteger(n))) {
      throw new Misfit(`PixelUnshuffle: height and width must be multiples of ${r} (${times([channels, ...space])})`);
    }
    return [batch, channels === undefined ? undefined : channels * r * r, ...out];
  }

  protected override apply(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor);
  }
}

/** Channels dealt out anew among `groups`, so that a grouped convolution sees all groups before it. PyTorch's ChannelShuffle. */
export class ChannelShuffle<const G extends number> extends Layer<ChannelShuffleFn<G>> {
  readonly type = "ChannelShuffle";
  readonly groups: G;

  constructor(groups: G) {
    super();
    this.groups = wholeNumber("ChannelShuffle", "groups", groups);
  }

  override outputShape(x: PartialShape): PartialShape {
    const channels = x?.[1];
    if (channels !== undefined && channels % this.groups !== 0) {
      throw new Misfit(`ChannelShuffle: groups ${this.groups} must divide the channels (${show(x)})`);
    }
    return x;
  }

  protected override apply(x: Tensor): Tensor {
    return channelShuffle(x, this.groups);
  }
}
