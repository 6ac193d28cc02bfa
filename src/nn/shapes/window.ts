/** Output sizes of sliding windows of any rank. */
import { windowCount } from "../../ops/window.ts";
import type { Add, Div, Mul, Sub } from "./arith.ts";
import type { ImageOf, SplitImage } from "./image.ts";
import { Misfit, type Name, type Times, times, type Wrong } from "./message.ts";
import type { Concatenated, PartialShape, Size } from "./shape.ts";

/** A union of sizes is not a size. */
type One<T, U = T> = T extends U ? ([U] extends [T] ? T : number) : never;
/** The size for axis I, of one size for all or of one for each. */
export type Axis<K, I extends number> = [K] extends [number] ? One<K> : [K] extends [readonly unknown[]] ? One<K[I]> : number;

/** Padding before and after an axis together; `number` where it is not known, or negative. */
export type Sides<P> = [number] extends [P]
  ? number
  : [P] extends [number]
    ? `${P}` extends `-${string}`
      ? number
      : Add<P, P>
    : [P] extends [readonly [infer A extends number, infer B extends number]]
      ? [number] extends [A | B]
        ? number
        : `${A}${B}` extends `${string}-${string}`
          ? number
          : Add<A, B>
      : number;

/** floor((n + sides - d (k - 1) - 1) / s) + 1, or 0 where the kernel does not fit. */
export type Window<N, K, S, P, D> = [number] extends [N | K | S | P | D]
  ? number
  : [N, K, S, P, D] extends [
        infer N extends number,
        infer K extends number,
        infer S extends number,
        infer P extends number,
        infer D extends number,
      ]
    ? // The common case first, and cheaply: stride 1 and padding that keeps the size.
      [S, P] extends [1, Reach<K, D>]
      ? N
      : Sub<Add<N, P>, Add<Reach<K, D>, 1>> extends infer Room extends number
        ? Room extends -1
          ? 0
          : Add<Div<Room, S>, 1>
        : never
    : number;
/** How far the last tap is from the first: d (k - 1). */
export type Reach<K extends number, D extends number> = D extends 1 ? Sub<K, 1> : Mul<Sub<K, 1>, D>;

/** ceil(n / s): what is left of an axis by padding "same" or "causal". */
type Strided<N, S> = [S] extends [1]
  ? N
  : [number] extends [N | S]
    ? number
    : [N, S] extends [infer N extends number, infer S extends number]
      ? Div<Add<N, Sub<S, 1>>, S>
      : number;
type AllStrided<Space, S, R extends readonly unknown[] = []> = [S] extends [1]
  ? Space
  : Space extends readonly [infer H, ...infer T]
    ? AllStrided<T, S, [...R, Strided<H, Axis<S, R["length"]>>]>
    : R;
/** Both sides of padding "full". */
type FullSides<K, D> = [number] extends [K | D]
  ? number
  : [K, D] extends [infer K extends number, infer D extends number]
    ? Add<Reach<K, D>, Reach<K, D>>
    : number;

/** Every spatial axis through its window; a message if a kernel does not fit. */
export type Windows<Space, K, S, P, D, R extends readonly unknown[] = []> = [P] extends ["same" | "causal"]
  ? AllStrided<Space, S>
  : [P] extends ["valid"]
    ? Windows<Space, K, S, 0, D, R>
    : Space extends readonly [infer H, ...infer T]
      ? Window<
          H,
          Axis<K, R["length"]>,
          Axis<S, R["length"]>,
          [P] extends ["full"] ? FullSides<Axis<K, R["length"]>, Axis<D, R["length"]>> : Sides<Axis<P, R["length"]>>,
          Axis<D, R["length"]>
        > extends infer O
        ? [O] extends [0]
          ? `kernel ${Name<Axis<K, R["length"]>>}${Axis<D, R["length"]> extends 1 ? "" : ` with dilation ${Name<Axis<D, R["length"]>>}`} is larger than the input`
          : Windows<T, K, S, P, D, [...R, O]>
        : never
      : R;

/** An Image (or its message) through windows that give O channels. */
export type Convolved<T, Op extends string, O, K, S, P, D> = T extends [infer N, infer C, infer Space]
  ? Resized<N, O, Windows<Space, K, S, P, D>, Op, C, Space>
  : T;
type Resized<N, O, Y, Op extends string, C, Space> = Y extends string
  ? Wrong<`${Op}: ${Y} (${Times<Concatenated<[C], Space>>})`>
  : ImageOf<N, O, Y>;

/** What a window does along every spatial axis. */
export interface WindowSizes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** [before, after] per axis. */
  readonly padding: readonly (readonly [number, number])[];
  readonly dilation: readonly number[];
}

/** The same, where padding may be undefined: as much as ceil(n / stride) windows need, which depends on the input. */
export interface ConvSizes extends Omit<WindowSizes, "padding"> {
  readonly padding: readonly (readonly [number, number] | undefined)[];
}

/** The shape of an image after windows of layer `op`, with `channels` channels. Throws a Misfit if a kernel does not fit. */
export function windowed(x: SplitImage, op: string, channels: Size, w: ConvSizes): PartialShape {
  const space = x.space.map((n, d) => {
    if (n === undefined) return undefined;
    const sides = w.padding[d];
    const size = sides ? windowCount(n, w.kernel[d]!, w.stride[d]!, sides, w.dilation[d]!) : Math.ceil(n / w.stride[d]!);
    if (size > 0) return size;
    const dilation = w.dilation[d] === 1 ? "" : ` with dilation ${w.dilation[d]}`;
    throw new Misfit(`${op}: kernel ${w.kernel[d]}${dilation} is larger than the input (${times([x.channels, ...x.space])})`);
  });
  return [x.batch, channels, ...space];
}
