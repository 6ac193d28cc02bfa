/**
 * How far rounding to f32 can take a result at most: rigorous bounds, for the worst of all inputs and any order of sums, relative to the
 * largest magnitudes of both operands. Errors of inputs that are not chosen to be bad are smaller by orders of magnitude.
 */
import type { Matrix } from "../kernel/expr.ts";
import type { MinimalFilter } from "./minimalFilter.ts";

/** Largest relative error of one rounding to f32. */
const UNIT = 2 ** -24;

/** What n roundings in a row can do at most (Higham, "Accuracy and stability of numerical algorithms", 3.1). */
const roundings = (n: number): number => (n * UNIT) / (1 - n * UNIT);

/** Of a sum of so many products: each is rounded once, and takes part in at most terms - 1 additions. */
export const productsBound = (terms: number): number => terms * roundings(terms);

const magnitude = (row: readonly number[]): number => row.reduce((sum, v) => sum + Math.abs(v), 0);

/** Roundings on the way of one element through these matrices: of an entry and the product with it along each axis, and of the sum. */
const depth = (matrices: readonly Matrix[]): number =>
  2 * matrices.length + matrices.reduce((n, m) => n * Math.max(...m.map((row) => row.filter((v) => v !== 0).length)), 1) - 1;

/**
 * Of A^T [sum over `terms` of (G w) (B^T x)] A along these axes. No sum of magnitudes that the matrices make is larger than the product of
 * the axes' largest |A^T| (|G| 1) (|B^T| 1); each summand goes through the three transforms and the sum.
 */
export function minimalFilterBound(axes: readonly MinimalFilter[], terms: number): number {
  const growth = axes.map(({ at, g, bt }) =>
    Math.max(...at.map((row) => row.reduce((sum, v, p) => sum + Math.abs(v) * magnitude(g[p]!) * magnitude(bt[p]!), 0))),
  );
  const path = terms + [axes.map(({ at }) => at), axes.map(({ g }) => g), axes.map(({ bt }) => bt)].reduce((n, m) => n + depth(m), 0);
  return terms * growth.reduce((a, b) => a * b, 1) * roundings(path);
}
