/** What reductions over whole axes share. */
import { showShape } from "../base/shape.ts";
import { OpError, type TensorType } from "../ir/op.ts";
import type { Axis } from "../kernel/int.ts";

/** Axes to reduce, ascending. They stay, with extent 1. */
export interface ReduceAttrs extends Readonly<Record<string, unknown>> {
  readonly axes: readonly number[];
}

/** Axes as the user gives them (negative counts from the end; none means all), ascending and checked. */
export function normalizeAxes(op: string, axes: readonly number[] | undefined, rank: number): readonly number[] {
  const given = axes ?? Array.from({ length: rank }, (_, i) => i);
  const own = given.map((a) => (a < 0 ? a + rank : a));
  own.forEach((a, i) => {
    if (!Number.isInteger(a) || a < 0 || a >= rank) throw new OpError(op, `axis out of range for ${rank} axes, got ${given[i]}`);
    if (own.indexOf(a) !== i) throw new OpError(op, `axis ${a} is given twice`);
  });
  return own.sort((a, b) => a - b);
}

export function reducedShape(op: string, x: TensorType, axes: readonly number[]): TensorType {
  if (x.dtype !== "f32") throw new OpError(op, `takes f32, got ${x.dtype} ${showShape(x.shape)}. Convert it with toFloat`);
  return { shape: x.shape.map((extent, d) => (axes.includes(d) ? 1 : extent)), dtype: "f32" };
}

/** Output axes with the reduced ones in their places. */
export const placeAxes = (out: readonly Axis[], reduced: readonly Axis[], axes: readonly number[]): Axis[] =>
  out.map((a, d) => (axes.includes(d) ? reduced[axes.indexOf(d)]! : a));
