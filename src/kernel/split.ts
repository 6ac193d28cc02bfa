/**
 * Long sums in a fixed number of parts. A small result of many terms (a bias gradient, the weight gradient of a small layer)
 * would leave threads idle and add up rounding errors; it is summed in parts, and the parts are summed in order. How many
 * depends on shapes alone, never on threads: the bits must not.
 */
import { type Buffer, buffer, load, substituteAxes } from "./expr.ts";
import { type Axis, axis, Int } from "./int.ts";
import { type Kernel, kernelOf } from "./kernel.ts";

/** Results above this many elements keep all threads busy by themselves. */
const SMALL_RESULT = 1024;
/** Sums below this many terms are not worth a second pass. */
const LONG_SUM = 2048;
const MOST_PARTS = 16;

const extent = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.extent, 1);

/** A sum in parts, and the sum of the parts, which has the epilogue. `partial` is [parts, ...shape of the result]. */
interface SplitSum {
  readonly parts: Kernel;
  readonly total: Kernel;
  readonly partial: Buffer;
}

/** The sum split, if it is worth it. */
export function splitLongSum(k: Kernel): SplitSum | undefined {
  if (k.combine !== "sum" || k.within || extent(k.axes) > SMALL_RESULT || extent(k.reduce) < LONG_SUM) return undefined;
  const outer = k.reduce.find((a) => partsOf(a.extent) > 1);
  if (!outer) return undefined;
  const count = partsOf(outer.extent);
  const part = axis("part", count);
  const rest = axis(outer.name, outer.extent / count);
  const map = new Map([[outer, Int.of(part).mul(rest.extent).add(rest)]]);
  const reduce = k.reduce.map((a) => (a === outer ? rest : a));
  const partial = buffer(`${k.out.name}.parts`, [count, ...k.out.shape]);
  const parts = kernelOf(`${k.name}.parts`, partial, [part, ...k.axes], [part, ...k.at], reduce, {}, substituteAxes(k.body, map));
  const sum = axis("part", count);
  const total = kernelOf(`${k.name}.total`, k.out, k.axes, k.at, [sum], { post: () => k.post }, load(partial, [sum, ...k.at]));
  return { parts, total, partial };
}

/** The largest number of equal parts of at least two, up to MOST_PARTS. */
function partsOf(n: number): number {
  for (let p = Math.min(MOST_PARTS, Math.floor(n / 2)); p > 1; p--) if (n % p === 0) return p;
  return 1;
}
