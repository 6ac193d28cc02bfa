/** Inputs [batch, channels, ...] of any number of axes, checked and kept. */
import type { ImageOf } from "./image.ts";
import { type Count, count, Misfit, type Name, name, type Show, show, type Wrong } from "./message.ts";
import { type Fits, fits, type PartialShape, type Size } from "./shape.ts";

/** X itself if it has C channels, or features where there is nothing else; or a message. */
export type WithChannels<X, Op extends string, C> = X extends readonly [unknown, infer X1, ...infer Space]
  ? Fits<X1, C> extends true
    ? X
    : Space extends readonly []
      ? Wrong<`${Op} takes ${Count<C, "feature">}, but its input has ${Name<X1>}`>
      : Wrong<`${Op} takes ${Count<C, "channel">}, but its input has ${Name<X1>} (${Show<X>})`>
  : X extends readonly [unknown] | readonly []
    ? Wrong<`${Op} takes ${Count<C, "channel">}, but its input is ${Show<X>}`>
    : X;

/** `x` itself, if it has this many channels. Throws a Misfit. */
export function withChannels(x: PartialShape, op: string, channels: Size): PartialShape {
  if (x === undefined || (x.length > 1 && fits(x[1], channels))) return x;
  if (x.length < 2) throw new Misfit(`${op} takes ${count(channels, "channel")}, but its input is ${show(x)}`);
  if (x.length === 2) throw new Misfit(`${op} takes ${count(channels, "feature")}, but its input has ${name(x[1])}`);
  throw new Misfit(`${op} takes ${count(channels, "channel")}, but its input has ${name(x[1])} (${show(x)})`);
}

/** The shape of an image taken apart, or the message in its place. */
export type Whole<T> = T extends [infer N, infer C, infer Space] ? ImageOf<N, C, Space> : T;
