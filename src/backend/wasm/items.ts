/** Cutting the outermost loops into pieces for threads. */
import type { Axis } from "../../kernel/int.ts";

/** A run of `grain` values of a loop's axis, so many of them. */
export interface Pieces {
  readonly axis: Axis;
  readonly grain: number;
  readonly count: number;
}

/** An item is a point of the `decoded` axes, a piece of the loop after them and one of the innermost; the last varies fastest. */
export interface Items {
  readonly decoded: readonly Axis[];
  readonly ranged: Pieces | undefined;
  readonly inner: Pieces;
  readonly count: number;
}

/** Enough for sixteen threads to share evenly. */
const ENOUGH = 64;
const SOME = 16;
/** More pieces than this only cost. */
const PLENTY = 1024;

/**
 * `outer` are the loops around the innermost. `jam` iterations of the last of them belong together, and pieces of `inner`
 * are multiples of one of `least` elements: the first that gives some items, else the last.
 */
export function chooseItems(outer: readonly Axis[], jam: number, inner: Axis, least: readonly number[]): Items {
  const ways = least.map((n) => cut(outer, jam, inner, n));
  return ways.find((w) => w.count >= SOME) ?? ways.at(-1)!;
}

/** One item for each point of the `decoded` axes. */
export const itemsOf = (decoded: readonly Axis[], inner: Axis): Items => ({
  decoded,
  ranged: undefined,
  inner: { axis: inner, grain: inner.extent, count: 1 },
  count: decoded.reduce((n, a) => n * a.extent, 1),
});

function cut(outer: readonly Axis[], jam: number, inner: Axis, least: number): Items {
  const whole = { axis: inner, grain: inner.extent, count: 1 };
  const decoded: Axis[] = [];
  let count = 1;
  for (const [i, a] of outer.entries()) {
    const unit = i === outer.length - 1 ? jam : 1;
    const most = Math.ceil(a.extent / unit);
    if (count * most < ENOUGH && unit === 1) {
      decoded.push(a);
      count *= a.extent;
      continue;
    }
    const ranged = piecesOf(a, unit, Math.max(1, Math.floor(PLENTY / count)));
    if (count * ranged.count >= ENOUGH) return { decoded, ranged, inner: whole, count: count * ranged.count };
    const rest = piecesOf(inner, least, Math.ceil(ENOUGH / (count * ranged.count)));
    return { decoded, ranged, inner: rest, count: count * ranged.count * rest.count };
  }
  const rest = piecesOf(inner, least, Math.ceil(ENOUGH / count));
  return { decoded, ranged: undefined, inner: rest, count: count * rest.count };
}

/** About so many pieces of whole units, or as many as there are. */
function piecesOf(axis: Axis, unit: number, wanted: number): Pieces {
  const grain = unit * Math.ceil(Math.ceil(axis.extent / unit) / wanted);
  return { axis, grain, count: Math.ceil(axis.extent / grain) };
}
