/** Output sizes of pools: windows that ceil mode may count, windows to a given size, all of space; and back. */
import { windowCount } from "../../ops/window.ts";
import type { Add, Div, Mul, Sub } from "./arith.ts";
import type { Image, ImageOf, Rank, SplitImage } from "./image.ts";
import { type Count, count, Misfit, type Name, type Show, show, type Times, times, type Wrong } from "./message.ts";
import type { Concatenated, PartialShape, ShapeFn } from "./shape.ts";
import type { Axis, Reach, WindowSizes, Windows } from "./window.ts";

/** As many channels as before, through windows; Ceil says whether a last window that reaches beyond the end counts. */
export interface PoolFn<Op extends string, R extends Rank, K, S, P, D, Ceil> extends ShapeFn {
  readonly out: Pooled<Image<this["in"], Op, R, number>, Op, K, S, P, D, Ceil>;
}
/** An Image (or its message) through windows that keep its channels. */
export type Pooled<T, Op extends string, K, S, P, D, Ceil> = T extends [infer N, infer C, infer Space]
  ? PooledSpace<Space, K, S, P, D, Ceil> extends infer Y
    ? Y extends string
      ? Wrong<`${Op}: ${Y} (${Times<Concatenated<[C], Space>>})`>
      : ImageOf<N, C, Y>
    : never
  : T;
type PooledSpace<Space, K, S, P, D, Ceil> = [boolean] extends [Ceil]
  ? AllUnknown<Space>
  : [Ceil] extends [false]
    ? Windows<Space, K, S, P, D>
    : CeilWindows<Space, K, S, P, D>;
/** Every size unknown, but their number known. */
type AllUnknown<Space, R extends readonly unknown[] = []> = Space extends readonly [unknown, ...infer T]
  ? AllUnknown<T, [...R, number]>
  : R;

type CeilWindows<Space, K, S, P, D, R extends readonly unknown[] = []> = Space extends readonly [infer H, ...infer T]
  ? CeilWindow<H, Axis<K, R["length"]>, Axis<S, R["length"]>, Axis<P, R["length"]>, Axis<D, R["length"]>> extends infer O
    ? [O] extends [0]
      ? `kernel ${Name<Axis<K, R["length"]>>}${Axis<D, R["length"]> extends 1 ? "" : ` with dilation ${Name<Axis<D, R["length"]>>}`} is larger than the input`
      : CeilWindows<T, K, S, P, D, [...R, O]>
    : never
  : R;
/** ceil((n + 2 p - d (k - 1) - 1) / s) + 1, without a last window that would begin in the padding after the input. */
type CeilWindow<N, K, S, P, D> = [number] extends [N | K | S | P | D]
  ? number
  : [N, K, S, P, D] extends [
        infer N extends number,
        infer K extends number,
        infer S extends number,
        infer P extends number,
        infer D extends number,
      ]
    ? Sub<Add<Add<N, Add<P, P>>, Sub<S, 1>>, Add<Reach<K, D>, 1>> extends infer Room extends number
      ? Room extends -1
        ? 0
        : BeginsInside<Add<Div<Room, S>, 1>, S, Add<N, P>>
      : never
    : number;
type BeginsInside<O extends number, S extends number, End extends number> =
  Sub<Mul<Sub<O, 1>, S>, End> extends infer Beyond ? ([Beyond] extends [-1] ? O : Sub<O, 1>) : never;

/** What a pool's windows do along every spatial axis. */
export interface PoolWindow extends WindowSizes {
  readonly ceilMode: boolean;
}

/** The shape of an image after the pool `op`. Throws a Misfit if a kernel does not fit. */
export function pooledShape(x: SplitImage, op: string, w: PoolWindow): PartialShape {
  const space = x.space.map((n, d) => {
    if (n === undefined) return undefined;
    const size = windowCount(n, w.kernel[d]!, w.stride[d]!, w.padding[d]!, w.dilation[d]!, w.ceilMode);
    if (size > 0) return size;
    const dilation = w.dilation[d] === 1 ? "" : ` with dilation ${w.dilation[d]}`;
    throw new Misfit(`${op}: kernel ${w.kernel[d]}${dilation} is larger than the input (${times([x.channels, ...x.space])})`);
  });
  return [x.batch, x.channels, ...space];
}

/** As many channels as before, in space of the size Z: one number for all axes, or one for each; null keeps an axis' size. */
export interface AdaptiveFn<Op extends string, R extends Rank, Z> extends ShapeFn {
  readonly out: Adapted<Image<this["in"], Op, R, number>, Z>;
}
type Adapted<T, Z> = T extends [infer N, infer C, infer Space] ? ImageOf<N, C, Sized<Space, Z>> : T;
type Sized<Space, Z, R extends readonly unknown[] = []> = Space extends readonly [infer H, ...infer T]
  ? Sized<T, Z, [...R, [SizeAt<Z, R["length"]>] extends [null] ? H : Axis<Z, R["length"]>]>
  : R;
type SizeAt<Z, I extends number> = Z extends readonly unknown[] ? Z[I] : Z;

/** The channels alone, of images of any rank. */
export interface GlobalFn<Op extends string> extends ShapeFn {
  readonly out: OfChannels<Op, this["in"]>;
}
type OfChannels<Op extends string, X> = X extends readonly [infer N, infer C, unknown, ...unknown[]]
  ? [N, C]
  : X extends readonly [unknown, infer F]
    ? Wrong<`${Op} takes channels and space, but its input is flat, with ${Count<F, "feature">}`>
    : X extends readonly [unknown] | readonly []
      ? Wrong<`${Op} takes channels and space, but its input is ${Show<X>}`>
      : [number, number];

/** The shape of an image's channels for the layer `op`. Throws a Misfit. */
export function channelsOf(x: PartialShape, op: string): PartialShape {
  if (x === undefined) return [undefined, undefined];
  if (x.length > 2) return [x[0], x[1]];
  throw new Misfit(`${op} takes channels and space, but its input is ${x.length === 2 ? `flat, with ${count(x[1], "feature")}` : show(x)}`);
}

/** The shape that a pool's windows have made X of: (n - 1) s - 2 p + k along every axis, or Z where that is given. */
export type Unpooled<X, K, S, P, Z> = X extends readonly [infer N, infer C, ...infer Space]
  ? [N, C, ...([Z] extends [readonly unknown[]] ? Z : UnpooledSpace<Space, K, S, P>)]
  : X;
type UnpooledSpace<Space, K, S, P, R extends readonly unknown[] = []> = Space extends readonly [infer H, ...infer T]
  ? UnpooledSpace<T, K, S, P, [...R, UnpooledAxis<H, Axis<K, R["length"]>, Axis<S, R["length"]>, Axis<P, R["length"]>>]>
  : R;
type UnpooledAxis<N, K, S, P> = [number] extends [N | K | S | P]
  ? number
  : [N, K, S, P] extends [infer N extends number, infer K extends number, infer S extends number, infer P extends number]
    ? Sub<Add<Mul<Sub<N, 1>, S>, K>, Add<P, P>>
    : number;
