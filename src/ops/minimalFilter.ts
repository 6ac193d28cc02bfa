/**
 * Minimal filtering along one axis: a tile of m neighbouring outputs of a window from fewer products than m times its taps.
 *
 *   y = A^T [ (G w) (B^T x) ]
 *
 * With stride 1, F(m, r) takes m + r - 1 products for r taps, by Toom and Cook's evaluation and interpolation at as many points, one of
 * them infinity (Winograd, "Arithmetic complexity of computations", 1980).
 *
 * With stride s, the taps j, j + s, j + 2 s ... meet the inputs j, j + s, j + 2 s ... alone, so that a window is the sum of s windows with
 * stride 1. Their matrices stand one below the other in B^T and G, side by side in A^T: of 3 taps with stride 2, F(4, 2) and F(4, 1) take
 * 5 + 4 products in place of 12.
 */
import type { Matrix } from "../kernel/expr.ts";

/** Matrices of one axis: output [outputs][products], filter [products][taps], input [products][inputs]. */
export interface MinimalFilter {
  readonly at: Matrix;
  readonly g: Matrix;
  readonly bt: Matrix;
}

/**
 * Without infinity. Few and small, with their opposites and inverses, because powers of the points are the coefficients that rounding
 * errors are multiplied by.
 */
const POINTS: readonly number[] = [0, 1, -1, 2, -2, 1 / 2, -1 / 2];

/** The most taps that tiles of m can have for each step of the stride. */
export const mostTaps = (m: number): number => POINTS.length + 2 - m;

/** Coefficients of the product of (x - p), lowest power first, in `length` places. */
function polynomial(roots: readonly number[], length: number): number[] {
  let product = [1];
  for (const p of roots) product = Array.from({ length: product.length + 1 }, (_, i) => (product[i - 1] ?? 0) - p * (product[i] ?? 0));
  return Array.from({ length }, (_, i) => product[i] ?? 0);
}

/** F(m, r); the last row of each matrix stands for infinity. One tap takes m products however it is done: the inputs times the tap. */
function toomCook(m: number, r: number): MinimalFilter {
  if (r === 1) return { at: identity(m), g: identity(m).map(() => [1]), bt: identity(m) };
  const points = POINTS.slice(0, m + r - 2);
  const power = (p: number, i: number): number => Array.from({ length: i }).reduce<number>((product) => product * p, 1);
  const powers = (p: number, count: number): number[] => Array.from({ length: count }, (_, i) => power(p, i));
  const others = (p: number): number[] => points.filter((q) => q !== p);
  const scale = points.map((p) => others(p).reduce((product, q) => product * (p - q), 1));
  return {
    at: Array.from({ length: m }, (_, i) => [...points.map((p) => power(p, i)), i === m - 1 ? 1 : 0]),
    g: [...points.map((p, j) => powers(p, r).map((v) => v / scale[j]!)), unit(r - 1, r)],
    bt: [...points.map((p) => polynomial(others(p), m + r - 1)), polynomial(points, m + r - 1)],
  };
}

const unit = (i: number, length: number): number[] => Array.from({ length }, (_, j) => (i === j ? 1 : 0));
const identity = (length: number): Matrix => Array.from({ length }, (_, i) => unit(i, length));

/** One of the windows that a strided window is the sum of: its matrices, and where their taps, inputs and outputs are among all. */
interface Phase {
  readonly filter: MinimalFilter;
  readonly tap: (k: number) => number;
  readonly input: (l: number) => number;
  /** Undefined where all phases add to the same outputs. */
  readonly output?: (i: number) => number;
}

/** The matrices of all phases as one, with so many taps, inputs and outputs. */
function together(phases: readonly Phase[], taps: number, inputs: number, outputs: number): MinimalFilter {
  const spread = (row: readonly number[], at: (i: number) => number, length: number): number[] => {
    const places = new Array<number>(length).fill(0);
    row.forEach((v, i) => {
      places[at(i)] = v;
    });
    return places;
  };
  const columns = phases.map(({ filter, output = (i) => i }) => {
    const none = filter.at[0]!.map(() => 0);
    const rows = new Array<readonly number[]>(outputs).fill(none);
    filter.at.forEach((row, i) => {
      rows[output(i)] = row;
    });
    return rows;
  });
  return {
    at: Array.from({ length: outputs }, (_, i) => columns.flatMap((rows) => rows[i]!)),
    g: phases.flatMap(({ filter, tap }) => filter.g.map((row) => spread(row, tap, taps))),
    bt: phases.flatMap(({ filter, input }) => filter.bt.map((row) => spread(row, input, inputs))),
  };
}

/** How many of `taps` are j, j + s, j + 2 s ... */
const tapsFrom = (j: number, taps: number, stride: number): number => Math.ceil((taps - j) / stride);

/** m outputs of a window; tile t reads (m - 1) s + taps inputs from m s t - padding. */
export function minimalFilter(m: number, taps: number, stride: number): MinimalFilter {
  const phases = Array.from({ length: stride }, (_, j): Phase => {
    const at = (k: number): number => stride * k + j;
    return { filter: toomCook(m, tapsFrom(j, taps, stride)), tap: at, input: at };
  });
  return together(phases, taps, (m - 1) * stride + taps, m);
}

/** Matrices of the gradient by the input; tile t reads places of dy from m t + `first`. */
export interface MinimalInputGrad extends MinimalFilter {
  readonly first: number;
}

/**
 * Neighbours in dx, s m of them: place p is sum over k of dy[(p + padding - k) / s] w[k], over the taps that leave no rest. Each rest is a
 * window of its own over dy, which the taps meet in reverse.
 */
export function minimalInputGrad(m: number, taps: number, stride: number, padding: number): MinimalInputGrad {
  const rests = Array.from({ length: stride }, (_, e) => {
    const j = (((e + padding) % stride) + stride) % stride;
    const count = tapsFrom(j, taps, stride);
    return { e, j, count, from: (e + padding - j) / stride - count + 1 };
  });
  const first = Math.min(...rests.map((r) => r.from));
  const inputs = Math.max(...rests.map((r) => r.from + m + r.count - 1)) - first;
  const phases = rests.map(
    ({ e, j, count, from }): Phase => ({
      filter: toomCook(m, count),
      tap: (k) => stride * (count - 1 - k) + j,
      input: (l) => from - first + l,
      output: (i) => stride * i + e,
    }),
  );
  return { ...together(phases, taps, inputs, stride * m), first };
}
