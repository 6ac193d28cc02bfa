/** What the units of a tensor see of one axis of the input: first and last pixel, repeating from period to period. */
import { leastMultiple } from "./growth.ts";

/**
 * The unit at index `i` along `axis` sees from first[i % period] + floor(i / period) * shift to last[...] + ..., both ends included, and
 * infinities where it sees nothing. The shift is not a number where only the units that there are can be known. Pixels lie on both sides of the image too, as padding has it. Without an axis every unit sees the same.
 */
export interface Reach {
  readonly axis: number | undefined;
  readonly period: number;
  readonly shift: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** First and last pixel of the unit at `i`. */
export function endsAt(r: Reach, i: number): readonly [first: number, last: number] {
  const turn = Math.floor(i / r.period);
  const phase = i - turn * r.period;
  const gone = turn === 0 ? 0 : turn * r.shift;
  return [r.first[phase]! + gone, r.last[phase]! + gone];
}

/** The reach of the input itself. */
export const ownReach = (axis: number): Reach => ({ axis, period: 1, shift: 1, first: [0], last: [0] });

/** Every unit sees the same, of an image of `extent`; undefined if that is nothing. */
export function fixedReach(first: number, last: number, extent: number): Reach | undefined {
  const [from, to] = [Math.max(first, 0), Math.min(last, extent - 1)];
  return from <= to ? { axis: undefined, period: 1, shift: 0, first: [from], last: [to] } : undefined;
}

/** Tables longer than this are not kept: every unit is taken to see all that any of them sees. */
export const LONGEST_PERIOD: number = 2 ** 18;

/** The reach along `axis` by its ends at each index of a period. */
export function tabulated(axis: number, period: number, shift: number, ends: (i: number) => readonly [first: number, last: number]): Reach {
  const first: number[] = [];
  const last: number[] = [];
  for (let i = 0; i < period; i++) {
    const [a, b] = ends(i);
    first.push(a);
    last.push(b);
  }
  return { axis, period, shift, first, last };
}

/** The same for an axis of `n` units, in its shortest period; without an axis if all units see the same. */
export function simplified(r: Reach, n: number, extent: number): Reach | undefined {
  if (r.axis === undefined || Number.isNaN(r.shift)) return r;
  // Beyond the units that there are, nothing needs to repeat.
  const size = r.shift === 0 && n > 1 ? Math.min(r.period, n) : r.period;
  for (let period = 1; period <= size / 2; period++) {
    const isAll = r.shift === 0 && size === n;
    if (!isAll && size % period !== 0) continue;
    const shift = isAll ? shiftWithin(r, period, size) : (r.shift * period) / r.period;
    if (shift === undefined || !repeats(r, period, shift, size)) continue;
    const short = { axis: r.axis, period, shift, first: r.first.slice(0, period), last: r.last.slice(0, period) };
    return isSame(short) ? fixedReach(short.first[0]!, short.last[0]!, extent) : short;
  }
  return isSame(r) ? fixedReach(r.first[0]!, r.last[0]!, extent) : r;
}

const isSame = (r: Reach): boolean => r.shift === 0 && r.first.every((a) => a === r.first[0]) && r.last.every((b) => b === r.last[0]);

function shiftWithin(r: Reach, period: number, size: number): number | undefined {
  for (let i = 0; i + period < size; i++) if (Number.isFinite(r.first[i]!)) return r.first[i + period]! - r.first[i]!;
  return undefined;
}

function repeats(r: Reach, period: number, shift: number, size: number): boolean {
  for (let i = 0; i + period < size; i++) {
    if (r.first[i + period] !== r.first[i]! + shift || r.last[i + period] !== r.last[i]! + shift) return false;
  }
  return true;
}

/** All that `n` units see together. */
export function hullOf(r: Reach, n: number): readonly [first: number, last: number] {
  let [first, last] = [Infinity, -Infinity];
  const units = r.axis === undefined ? 1 : n;
  for (let i = 0; i < units; i++) {
    const [a, b] = endsAt(r, i);
    first = Math.min(first, a);
    last = Math.max(last, b);
  }
  return [first, last];
}

/**
 * Each unit sees what any of these let it see: from the least first to the greatest last. `shape` is the tensor's, `extent` the image's.
 * Where all move at one pace, so does the union; else it is tabulated unit by unit.
 */
export function unionOf(reaches: readonly Reach[], shape: readonly number[], extent: number): Reach | undefined {
  const whole = reaches.find((r) => r.axis === undefined && r.first[0]! <= 0 && r.last[0]! >= extent - 1);
  if (whole || reaches.length === 0 || (reaches.length === 1 && !Number.isNaN(reaches[0]!.shift))) return whole ?? reaches[0];
  const axis = reaches.find((r) => r.axis !== undefined)?.axis;
  if (axis === undefined) {
    return fixedReach(Math.min(...reaches.map((r) => r.first[0]!)), Math.max(...reaches.map((r) => r.last[0]!)), extent);
  }
  const n = shape[axis]!;
  // A reach along another axis is what all units there see together.
  const along = reaches.flatMap((r) =>
    r.axis === axis || r.axis === undefined ? r : (fixedReach(...hullOf(r, shape[r.axis]!), extent) ?? []),
  );
  const period = along.reduce((p, r) => leastMultiple(p, r.period), 1);
  const pace = along[0]!.shift / along[0]!.period;
  const isEven =
    along.every((r) => r.axis === axis && r.shift * along[0]!.period === along[0]!.shift * r.period) && period <= LONGEST_PERIOD;
  const ends = (i: number): readonly [number, number] =>
    along.reduce(
      ([first, last], r) => {
        const [a, b] = endsAt(r, i);
        return [Math.min(first, a), Math.max(last, b)];
      },
      [Infinity, -Infinity] as readonly [number, number],
    );
  if (isEven) return simplified(tabulated(axis, period, pace * period, ends), n, extent);
  return tabulated(axis, n, meanPace(ends, n, along) * n, ends);
}

/** Pixels from the middle of one unit's field to the next's, on average. */
function meanPace(ends: (i: number) => readonly [number, number], n: number, reaches: readonly Reach[]): number {
  const middle = (i: number): number => (ends(i)[0] + ends(i)[1]) / 2;
  const pace = n > 1 ? (middle(n - 1) - middle(0)) / (n - 1) : Number.NaN;
  if (Number.isFinite(pace)) return pace;
  const known = reaches.map((r) => r.shift / r.period).filter((p) => !Number.isNaN(p));
  return known.reduce((sum, p) => sum + p, 0) / Math.max(1, known.length);
}
