/** Loops over ranges whose ends may be known only at run time, in rounds of several widths. */
import type { Axis } from "../../kernel/int.ts";
import type { FunctionBuilder, Local } from "./function.ts";
import type { Span } from "./interior.ts";

/** An end of a loop: known now, or kept in a local. */
export type Bound = number | Local;

/** from <= i < to; the length is a multiple of `multiple`. */
export interface Range {
  readonly from: Bound;
  readonly to: Bound;
  readonly multiple: number;
}

export const whole = (a: Axis): Range => ({ from: 0, to: a.extent, multiple: a.extent });

export function pushBound(f: FunctionBuilder, b: Bound): FunctionBuilder {
  return typeof b === "number" ? f.i32(b) : f.get(b);
}

/**
 * Walks `at` through a range: as many rounds as fit of the first width, then of the next; the last is 1. `at` stands at the
 * range's start, and each round moves it on by its width. Where `overlap` is set and the length is known, 5 to 7 last
 * elements may be one round of two vectors that share some.
 */
export function emitRounds(
  f: FunctionBuilder,
  at: Local,
  range: Range,
  widths: readonly number[],
  overlap: boolean,
  round: (width: number) => void,
): void {
  const { from, to, multiple } = range;
  if (typeof from === "number" && typeof to === "number") {
    let end = from;
    for (const { width, count } of phases(to - from, widths, overlap)) {
      end += count * width;
      const last = end;
      if (count === 1) round(width);
      else {
        f.loop(() => {
          round(width);
          f.get(at).i32(last).op("i32.lt_s").brIf(0);
        });
      }
    }
    return;
  }
  for (const width of widths) {
    const another = (): FunctionBuilder => pushBound(f.get(at).i32(width).op("i32.add"), to).op("i32.le_s");
    another().if(() => {
      f.loop(() => {
        round(width);
        another().brIf(0);
      });
    });
    if (multiple % width === 0) return;
  }
}

/** How many rounds of which width make up a length. */
function phases(length: number, widths: readonly number[], overlap: boolean): { readonly width: number; readonly count: number }[] {
  const shared = overlap && widths.includes(4) && length > 4 && length % 4 > 0 ? 4 + (length % 4) : 0;
  let left = Math.max(0, length) - shared;
  const list = widths.map((width) => {
    const count = Math.floor(left / width);
    left -= count * width;
    return { width, count };
  });
  return [...list, { width: shared, count: shared > 0 ? 1 : 0 }].filter((p) => p.count > 0);
}

/**
 * Walks `at` through a range that crosses the borders of `span`: `border` makes one step, `interior` all that lies inside.
 * If `inside` is given and not set, there is no interior.
 */
export function emitBorders(
  f: FunctionBuilder,
  at: Local,
  range: Range,
  span: Span,
  inside: Local | undefined,
  interior: (r: Range) => void,
  border: () => void,
): void {
  const { from, to } = range;
  const known = typeof from === "number" && typeof to === "number" && from <= span.from && to >= span.to;
  f.block(() => {
    f.loop(() => {
      pushBound(f.get(at), to).op("i32.ge_s").brIf(1);
      emitWithin(f, at, span, inside);
      f.if(() => {
        if (known) return interior({ from: span.from, to: span.to, multiple: span.to - span.from });
        const end = f.local("i32");
        emitSmaller(f, () => pushBound(f, to), span.to, end);
        interior({ from: at, to: end, multiple: 1 });
      }, border);
      f.br(0);
    });
  });
}

/** Pushes whether `at` lies in the span, and `also` holds. */
export function emitWithin(f: FunctionBuilder, at: Local, span: Span, also: Local | undefined): void {
  f.get(at);
  if (span.from !== 0) f.i32(span.from).op("i32.sub");
  f.i32(span.to - span.from).op("i32.lt_u");
  if (also) f.get(also).op("i32.and");
}

/** Sets `into` to the smaller of what `value` pushes and a constant. */
export function emitSmaller(f: FunctionBuilder, value: () => void, limit: number, into: Local): void {
  value();
  f.set(into);
  f.get(into).i32(limit).get(into).i32(limit).op("i32.lt_s").op("select").set(into);
}
