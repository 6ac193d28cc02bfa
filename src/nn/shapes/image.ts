/** Inputs of the form [batch, channels, ...space], split and checked. */
import { type Count, count, Misfit, type Name, name, type Show, show, type Wrong } from "./message.ts";
import { type Concatenated, type Fits, fits, type PartialShape, type Size } from "./shape.ts";

/** Number of spatial axes. */
export type Rank = 1 | 2 | 3;
interface Axes {
  1: "length";
  2: "height x width";
  3: "depth x height x width";
}
interface UnknownSpace {
  1: [number];
  2: [number, number];
  3: [number, number, number];
}
const AXES: { readonly [R in Rank]: Axes[R] } = { 1: "length", 2: "height x width", 3: "depth x height x width" };

/** X as [batch, channels, space] if it has R spatial axes and C channels; or a message that says what the layer Op takes. */
export type Image<X, Op extends string, R extends Rank, C> = X extends readonly [infer N, infer X1, ...infer Space]
  ? Space["length"] extends R
    ? Fits<X1, C> extends true
      ? [N, [number] extends [X1] ? C : X1, Space]
      : Wrong<`${Op} takes ${Count<C, "channel">}, but its input has ${Name<X1>} (${Show<X>})`>
    : WrongRank<Op, R, X>
  : X extends readonly [unknown] | readonly []
    ? WrongRank<Op, R, X>
    : [number, C, UnknownSpace[R]];
type WrongRank<
  Op extends string,
  R extends Rank,
  X,
> = Wrong<`${Op} takes channels x ${Axes[R]}, but its input is ${X extends readonly [unknown, infer F] ? `flat, with ${Count<F, "feature">}` : Show<X>}`>;

/** The image put together again, with other channels and space. */
export type ImageOf<N, C, Space> = Concatenated<[N, C], Space>;

/** An input in its parts. */
export interface SplitImage {
  readonly batch: Size;
  readonly channels: Size;
  readonly space: readonly Size[];
}

/** The parts of `x`, as layer `op` takes them, which has `rank` spatial axes and this many channels. Throws a Misfit. */
export function splitImage(x: PartialShape, op: string, rank: Rank, channels?: Size): SplitImage {
  if (x === undefined) return { batch: undefined, channels, space: new Array<Size>(rank).fill(undefined) };
  if (x.length !== rank + 2) {
    throw new Misfit(
      `${op} takes channels x ${AXES[rank]}, but its input is ${x.length === 2 ? `flat, with ${count(x[1], "feature")}` : show(x)}`,
    );
  }
  const [batch, own, ...space] = x;
  if (!fits(own, channels)) throw new Misfit(`${op} takes ${count(channels, "channel")}, but its input has ${name(own)} (${show(x)})`);
  return { batch, channels: own ?? channels, space };
}
