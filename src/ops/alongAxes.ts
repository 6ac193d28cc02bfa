/** One small matrix along every spatial axis: what transforms of tiles and of filters share. */
import type { Shape } from "../base/shape.ts";
import { type Expr, type Matrix, mul, table } from "../kernel/expr.ts";
import { type Axis, axis, Int } from "../kernel/int.ts";
import type { WindowAttrs } from "./window.ts";

/** Axes f0, f1, ... of one extent as one number, the first slowest. */
export const together = (axes: readonly (Axis | Int)[], extents: readonly number[]): Int =>
  axes.reduce<Int>((sum, a, d) => sum.mul(extents[d]!).add(a), Int.of(0));

/** The product of the matrix' entries along every axis, times `x`. */
export const transformedBy = (matrix: Matrix, rows: readonly (Axis | Int)[], columns: readonly (Axis | Int)[], x: Expr): Expr =>
  rows.reduceRight<Expr>((product, row, d) => mul(table(matrix, Int.of(row), Int.of(columns[d]!)), product), x);

/** `count` axes of one extent. */
export const axesOf = (name: string, count: number, extent: number): Axis[] =>
  Array.from({ length: count }, (_, d) => axis(`${name}${d}`, extent));

/** The matrix along every axis at once (its Kronecker power), [rows ^ rank][columns ^ rank]. */
export function alongAll(m: Matrix, rank: number): Matrix {
  let all: Matrix = [[1]];
  for (let d = 0; d < rank; d++) all = all.flatMap((a) => m.map((b) => a.flatMap((x) => b.map((y) => x * y))));
  return all;
}

export const transposed = (m: Matrix): Matrix => m[0]!.map((_, i) => m.map((row) => row[i]!));

/** Tiles of `side` that do not overlap and cover images of these extents. */
export const sideBySide = (space: Shape, side: number): WindowAttrs => ({
  kernel: space.map(() => side),
  stride: space.map(() => side),
  padding: space.map((n) => [0, Math.ceil(n / side) * side - n] as const),
  dilation: space.map(() => 1),
});
