/**
 * Linear maps along axes: what moves elements, repeats them or mixes a few neighbours. Padding by reflection, rolls, steps and
 * interpolation are tables of this kind, one for each axis; so are their gradients, which are the tables transposed.
 *
 * A table with a row for each index is no kernel: a kernel's indices are affine. But the rows fall into a few runs (the part
 * before the edge, the middle, the part after it; the even rows and the odd ones) along which indices grow evenly and weights
 * stay the same. Each combination of runs is one kernel without a test in it, and together they write each element once.
 */
import { type Shape, stridesOf } from "../base/shape.ts";
import type { Values } from "../ir/op.ts";
import { add, type Buffer, constant, type Expr, index, load, mul } from "../kernel/expr.ts";
import { axis, Int } from "../kernel/int.ts";
import { type Kernel, kernelOf } from "../kernel/kernel.ts";

/** An element of the input and how much of it. Weights are exact in f32, so that every backend means the same number. */
export interface Tap {
  readonly from: number;
  readonly weight: number;
}

/** What the elements along one axis are made of; rows without taps are zeros. */
export interface AxisMap {
  readonly axis: number;
  /** Of the input. */
  readonly extent: number;
  /** One for each index of the output; taps in the order of `from`, none twice. */
  readonly rows: readonly (readonly Tap[])[];
}

/** The map whose output `o` has these taps, in any order; taps of one element are added up, zeros left out. */
export function mixing(axis: number, extent: number, size: number, taps: (o: number) => readonly Tap[]): AxisMap {
  const row = (o: number): Tap[] => {
    const sums = new Map<number, number>();
    for (const { from, weight } of taps(o)) sums.set(from, (sums.get(from) ?? 0) + weight);
    return [...sums]
      .map(([from, weight]) => ({ from, weight: Math.fround(weight) }))
      .filter((t) => t.weight !== 0)
      .sort((a, b) => a.from - b.from);
  };
  return { axis, extent, rows: Array.from({ length: size }, (_, o) => row(o)) };
}

/** The map whose output `o` is the input's element `from(o)`, or zero where that is undefined. */
export const moving = (axis: number, extent: number, size: number, from: (o: number) => number | undefined): AxisMap =>
  mixing(axis, extent, size, (o) => {
    const i = from(o);
    return i === undefined ? [] : [{ from: i, weight: 1 }];
  });

/** The adjoint: each element goes back to where it was taken from. */
export function transposed({ axis, extent, rows }: AxisMap): AxisMap {
  const back = Array.from({ length: extent }, (): Tap[] => []);
  rows.forEach((row, o) => {
    for (const { from, weight } of row) back[from]!.push({ from: o, weight });
  });
  return { axis, extent: rows.length, rows: back };
}

/** The shape after the maps. */
export const mappedShape = (shape: Shape, maps: readonly AxisMap[]): Shape =>
  shape.map((extent, d) => maps.find((m) => m.axis === d)?.rows.length ?? extent);

/** y = the maps, one after the other, of x: plain loops. */
export function applyMaps(x: Values, y: Values, maps: readonly AxisMap[]): void {
  const strides = stridesOf(x.shape);
  const element = (at: readonly number[], offset: number, d: number): number => {
    const map = maps[d];
    if (!map) return x.data[offset]!;
    let total = 0;
    for (const { from, weight } of map.rows[at[map.axis]!]!) total += weight * element(at, offset + from * strides[map.axis]!, d + 1);
    return total;
  };
  const go = (d: number, at: readonly number[], offset: number, position: number): void => {
    if (d === y.shape.length) {
      y.data[position] = element(at, offset, 0);
      return;
    }
    const moved = maps.some((m) => m.axis === d);
    for (let i = 0; i < y.shape[d]!; i++) {
      go(d + 1, [...at, i], offset + (moved ? 0 : i * strides[d]!), position * y.shape[d]! + i);
    }
  };
  go(0, [], 0, 0);
}

/** Rows first, first + step, ...: their taps' indices grow by a constant each. */
interface Run {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly taps: readonly (Tap & { readonly step: number })[];
}

/** Patterns of more rows than this are not looked for: x 2, x 4, 3 : 2 are. */
const LONGEST_PATTERN = 16;

/** The rows in as few runs as a pattern gives. */
function runsOf({ rows }: AxisMap): readonly Run[] {
  let best = runsOfPattern(rows, 1);
  for (let pattern = 2; pattern <= LONGEST_PATTERN && pattern < best.length; pattern++) {
    const runs = runsOfPattern(rows, pattern);
    if (runs.length < best.length) best = runs;
  }
  return best;
}

/** Runs of every `pattern`-th row, each as long as can be. */
function runsOfPattern(rows: AxisMap["rows"], pattern: number): readonly Run[] {
  const runs: Run[] = [];
  for (let r = 0; r < Math.min(pattern, rows.length); r++) {
    for (let first = r; first < rows.length; ) {
      const start = rows[first]!;
      const next = rows[first + pattern];
      const follows = next !== undefined && next.length === start.length && next.every((t, k) => t.weight === start[k]!.weight);
      const taps = start.map((t, k) => ({ ...t, step: follows ? next[k]!.from - t.from : 0 }));
      let count = 1;
      for (; follows; count++) {
        const row = rows[first + count * pattern];
        if (row?.length !== taps.length) break;
        if (!row.every((t, k) => t.weight === taps[k]!.weight && t.from === taps[k]!.from + count * taps[k]!.step)) break;
      }
      runs.push({ first, step: pattern, count, taps });
      first += count * pattern;
    }
  }
  return runs;
}

/** More kernels than this cost more, in code and in calls, than going over the array once for each axis. */
const MOST_PIECES = 16;

/** Whether the rows follow a pattern, or are few: else their kernels would be too many. */
export const fewRuns = (map: AxisMap): boolean => runsOf(map).length <= 2 * MOST_PIECES;

/** Whether these maps are better done at once than one after the other. */
export const atOnce = (maps: readonly AxisMap[]): boolean =>
  maps.length < 2 || maps.reduce((n, map) => n * runsOf(map).length, 1) <= MOST_PIECES;

/** The kernels that write `out` = the maps of `x`. One that reads every element at its own place is a view. */
export function mapKernels(name: string, x: Buffer, out: Buffer, maps: readonly AxisMap[]): readonly Kernel[] {
  const combinations = maps.reduce<readonly (readonly Run[])[]>(
    (list, map) => list.flatMap((runs) => runsOf(map).map((run) => [...runs, run])),
    [[]],
  );
  return combinations.map((runs) => piece(name, x, out, maps, runs));
}

/** The kernel of one run of each map. */
function piece(name: string, x: Buffer, out: Buffer, maps: readonly AxisMap[], runs: readonly Run[]): Kernel {
  const runAlong = (d: number): Run | undefined => runs[maps.findIndex((m) => m.axis === d)];
  const axes = out.shape.map((extent, d) => axis(`i${d}`, runAlong(d)?.count ?? extent));
  const at = axes.map((a, d) => {
    const run = runAlong(d);
    return run ? Int.of(a).mul(run.step).add(run.first) : Int.of(a);
  });
  const zero = x.dtype === "f32" ? constant(0) : index(Int.of(0));
  const element = (from: readonly Int[], d: number): Expr => {
    const [map, run] = [maps[d], runs[d]];
    if (!map || !run) return load(x, from);
    const a = axes[map.axis]!;
    const terms = run.taps.map((t) => {
      const value = element(from.with(map.axis, Int.of(a).mul(t.step).add(t.from)), d + 1);
      return t.weight === 1 ? value : mul(constant(t.weight), value);
    });
    return terms.reduce((sum, term) => add(sum, term));
  };
  const empty = runs.some((run) => run.taps.length === 0);
  const body = empty
    ? zero
    : element(
        axes.map((a) => Int.of(a)),
        0,
      );
  return kernelOf(name, out, axes, at, [], {}, body);
}
