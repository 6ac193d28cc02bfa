/** A small matrix along each spatial axis: what transforms of tiles and of filters share. */
import type { Shape } from "../base/shape.ts";
import { type Expr, type Matrix, mul, table } from "../kernel/expr.ts";
import { type Axis, axis, Int } from "../kernel/int.ts";
import type { WindowAttrs } from "./window.ts";

/** Axes f0, f1, ... of one extent as one number, the first slowest. */
export const together = (axes: readonly (Axis | Int)[], extents: readonly number[]): Int =>
  axes.reduce<Int>((sum, a, d) => sum.mul(extents[d]!).add(a), Int.of(0));

/** The product of the matrices' entries, one along each axis, times `x`. */
export const transformedBy = (
  matrices: readonly Matrix[],
  rows: readonly (Axis | Int)[],
  columns: readonly (Axis | Int)[],
  x: Expr,
): Expr => matrices.reduceRight<Expr>((product, m, d) => mul(table(m, Int.of(rows[d]!), Int.of(columns[d]!)), product), x);

/** Axes name0, name1, ... of these extents. */
export const axesOf = (name: string, extents: readonly number[]): Axis[] => extents.map((extent, d) => axis(`${name}${d}`, extent));

export const rowsOf = (matrices: readonly Matrix[]): number[] => matrices.map((m) => m.length);
export const columnsOf = (matrices: readonly Matrix[]): number[] => matrices.map((m) => m[0]?.length ?? 0);

/** The matrices along all axes at once: their Kronecker product, the first slowest. */
export const alongAll = (matrices: readonly Matrix[]): Matrix =>
  matrices.reduce<Matrix>((all, m) => all.flatMap((a) => m.map((b) => a.flatMap((x) => b.map((y) => x * y)))), [[1]]);

export const transposed = (m: Matrix): Matrix => m[0]!.map((_, i) => m.map((row) => row[i]!));

/** Tiles of these sides that do not overlap and cover images of these extents. */
export const sideBySide = (space: Shape, sides: readonly number[]): WindowAttrs => ({
  kernel: sides,
  stride: sides,
  padding: space.map((n, d) => [0, Math.ceil(n / sides[d]!) * sides[d]! - n] as const),
  dilation: space.map(() => 1),
});
