/** Cutting the outermost loops into pieces for threads. */
import type { Axis } from "../../kernel/int.ts";

/** Item i is a point of `decoded` and a run of `grain` values of `ranged`, which is the loop after them; the last varies fastest. */
export interface Items {
  readonly decoded: readonly Axis[];
  readonly ranged: Axis | undefined;
  readonly grain: number;
  readonly count: number;
}

/** Enough for sixteen threads to share evenly. */
const ENOUGH = 64;
/** More pieces than this only cost. */
const PLENTY = 1024;

/**
 * `loops` outermost first; the last is the innermost, whose pieces are a multiple of `least` elements long. Other axes are
 * cut at multiples of `jam`, if they are the one before.
 */
export function chooseItems(loops: readonly Axis[], least: number, jam: number): Items {
  const decoded: Axis[] = [];
  let count = 1;
  for (const [i, a] of loops.entries()) {
    const unit = i === loops.length - 1 ? least : i === loops.length - 2 ? jam : 1;
    const pieces = Math.ceil(a.extent / unit);
    if (count * pieces >= ENOUGH || i === loops.length - 1) {
      const wanted = Math.max(1, Math.floor(PLENTY / count));
      const grain = unit * Math.max(1, Math.ceil(pieces / wanted));
      return { decoded, ranged: a, grain, count: count * Math.ceil(a.extent / grain) };
    }
    decoded.push(a);
    count *= a.extent;
  }
  return { decoded, ranged: undefined, grain: 1, count };
}
