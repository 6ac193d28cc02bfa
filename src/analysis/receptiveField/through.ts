/** From what an op's input sees to what its result sees, through one load of one kernel. */
import type { Tensor } from "../../ir/tensor.ts";
import type { Load } from "../../kernel/expr.ts";
import type { Int } from "../../kernel/int.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { type Access, accessOf, decidingAxes, type Extent, forEachRead } from "./access.ts";
import { greatestDivisor, growthOf, leastMultiple } from "./growth.ts";
import { endsAt, fixedReach, hullOf, LONGEST_PERIOD, type Reach, simplified, tabulated } from "./reach.ts";
import { type RegularKernel, writtenAlong } from "./regularKernels.ts";

/** Windows up to this are no global pools, even if they read all that there is: a pool of 2 on an image that came to be of 2. */
const WIDEST_WINDOW = 3;

/**
 * What `result` sees through `load` of `loaded`, which sees `reach` of an axis of the image of `extent` pixels; undefined if nothing. The
 * kernel may be one for longer tensors than these two.
 */
export function reachThrough(
  { kernel: k, isEndless, isSpokenFor }: RegularKernel,
  load: Load,
  loaded: Tensor,
  result: Tensor,
  reach: Reach,
  extent: number,
): Reach | undefined {
  if (reach.axis === undefined) return reach;
  const { axis } = reach;
  const moving = decidingAxis(k, load, axis, reach);
  // What does not move may still be one of several pieces along an axis.
  const out = moving ?? partialAxis(k, axis);
  if (isSpokenFor(out)) return undefined;
  const access = accessOf(k, load, axis, out);
  const seen = (at: number, extent: Extent): Ends => {
    let [first, last] = [Infinity, -Infinity];
    forEachRead(access, at, extent, (i) => {
      if (extent === "written" && (i < 0 || i >= load.buffer.shape[axis]!)) return;
      const [a, b] = endsAt(reach, i);
      first = Math.min(first, a);
      last = Math.max(last, b);
    });
    return [first, last];
  };
  if (out === undefined) return fixedReach(...seen(0, "written"), extent);
  const n = k.out.shape[out]!;
  const written = (): Reach => tabulated(out, n, Number.NaN, (at) => seen(at, "written"));
  const outermost = access.digits[0];
  if (moving === undefined || !outermost || !isEndless(out)) return written();
  const there = loaded.shape[axis]!;
  if (result.shape[out] === 1 && there > WIDEST_WINDOW && readsAll(access, there)) return fixedReach(...hullOf(reach, there), extent);
  const { turns, step } = turnsOf(access, reach.period);
  const period = outermost.weight * turns;
  if (period > LONGEST_PERIOD) return fixedReach(...seenByAll(n, (at) => seen(at, "written")), extent);
  return simplified(
    tabulated(out, period, (reach.shift * step) / reach.period, (at) => seen(at, "endless")),
    n,
    extent,
  );
}

type Ends = readonly [first: number, last: number];

/** Whether the first window reads the `n` elements that there are, and the next one would read others: a pool over everything. */
function readsAll(access: Access, n: number): boolean {
  const read = new Set<number>();
  forEachRead(access, 0, "endless", (i) => read.add(i));
  const { period, step } = growthOf(access.index, access.digits[0]!.axis);
  return read.size === n && read.has(0) && read.has(n - 1) && step >= n * period;
}

/** The axis of the result that the kernel writes a part of, so that others must write the rest: the loaded one's, or the first. */
function partialAxis(k: Kernel, dimension: number): number | undefined {
  const partial = k.at.flatMap((_, d) => (writtenAlong([k], d) < k.out.shape[d]! ? [d] : []));
  return partial.includes(dimension) ? dimension : partial[0];
}

/** After how many steps of the outermost digit everything repeats, and how far the index has then gone: by whole periods of the input. */
function turnsOf({ digits, index, guards }: Access, inputPeriod: number): { readonly turns: number; readonly step: number } {
  const outermost = digits[0]!.axis;
  const growth = growthOf(index, outermost);
  const tests = guards.map((g) => growthOf(g.at, outermost)).filter((g) => g.step === 0);
  const period = tests.reduce((p, g) => leastMultiple(p, g.period), growth.period);
  const step = (growth.step * period) / growth.period;
  const times = step === 0 ? 1 : inputPeriod / greatestDivisor(inputPeriod, step);
  return { turns: period * times, step: step * times };
}

function seenByAll(n: number, seen: (at: number) => Ends): Ends {
  let [first, last] = [Infinity, -Infinity];
  for (let i = 0; i < n; i++) {
    const [a, b] = seen(i);
    [first, last] = [Math.min(first, a), Math.max(last, b)];
  }
  return [first, last];
}

/** The axis of the result along which its units move: of several that decide, the one that moves them farthest. */
function decidingAxis(k: Kernel, load: Load, dimension: number, reach: Reach): number | undefined {
  const candidates = decidingAxes(k, load, dimension);
  if (candidates.length < 2) return candidates[0];
  const travel = candidates.map((d) => {
    const own = k.at[d]!.axes();
    const place = (last: boolean): number => endsAt(reach, valueAt(load.index[dimension]!, own, last))[0];
    return Math.abs(place(true) - place(false));
  });
  return candidates[travel.indexOf(Math.max(...travel))];
}

/** The index with all axes at their start, but `own` at their end if `last`. */
const valueAt = (index: Int, own: ReadonlySet<unknown>, last: boolean): number =>
  index.evaluate((a) => (last && own.has(a) ? a.extent - 1 : 0));
