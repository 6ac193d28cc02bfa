/**
 * Linear transforms of filters, by one small matrix along every spatial axis:
 *
 *   u = filterTransform(w, M)  u[f, o, c] = sum over k of M[f1, k1] M[f2, k2] ... w[o, c, k]     (or u[f, c, o])
 *   w = filterOutput(u, M)     w[o, c, k] = sum over f of M[k1, f1] M[k2, f2] ... u[f, o, c]
 */
import { showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load, type Matrix } from "../kernel/expr.ts";
import { axis } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { alongAll, axesOf, together, transformedBy, transposed } from "./alongAxes.ts";

interface FilterAttrs extends Readonly<Record<string, unknown>> {
  readonly matrix: Matrix;
  /** Number of spatial axes. */
  readonly rank: number;
  /** Whether u is [f, c, o]. */
  readonly swapped: boolean;
}

export const filterTransformOp: Op<FilterAttrs> = defineOp<FilterAttrs>({
  name: "filterTransform",
  facts: { linear: true },
  infer([w], { matrix, rank, swapped }) {
    const [o, c, ...taps] = w!.shape;
    if (w!.dtype !== "f32" || taps.length !== rank || taps.some((k) => matrix.some((row) => row.length !== k))) {
      const wanted = `[out, in, ...] with ${rank} axes of ${matrix[0]?.length}`;
      throw new OpError("filterTransform", `takes f32 filters ${wanted}, got ${w!.dtype} ${showShape(w!.shape)}`);
    }
    return { shape: [matrix.length ** rank, ...(swapped ? [c!, o!] : [o!, c!])], dtype: "f32" };
  },
  grad: (du, { attrs: { matrix, rank, swapped } }) => [filterOutput(du, transposed(matrix), rank, swapped)],
  reference([w], u, { matrix, rank, swapped }) {
    const all = alongAll(matrix, rank);
    const [o, c] = w!.shape as readonly [number, number];
    forEachPair(o, c, swapped, (filter, place) => {
      all.forEach((row, f) => {
        let total = 0;
        for (let k = 0; k < row.length; k++) total += row[k]! * w!.data[filter * row.length + k]!;
        u.data[f * o * c + place] = total;
      });
    });
  },
  kernel([w], u, { matrix, rank, swapped }) {
    const [o, c] = [axis("o", w!.shape[0]!), axis("c", w!.shape[1]!)];
    const [f, k] = [axesOf("f", rank, matrix.length), axesOf("k", rank, matrix[0]!.length)];
    const pair = swapped ? [c, o] : [o, c];
    const at = together(
      f,
      f.map((a) => a.extent),
    );
    return kernelOf("filterTransform", u, [...f, ...pair], [at, ...pair], k, {}, transformedBy(matrix, f, k, load(w!, [o, c, ...k])));
  },
});

export const filterOutputOp: Op<FilterAttrs> = defineOp<FilterAttrs>({
  name: "filterOutput",
  facts: { linear: true, filter: true },
  infer([u], { matrix, rank, swapped }) {
    const [f, a, b] = u!.shape;
    if (u!.dtype !== "f32" || u!.shape.length !== 3 || matrix.some((row) => row.length ** rank !== f)) {
      const wanted = `[${(matrix[0]?.length ?? 0) ** rank}, out, in]`;
      throw new OpError("filterOutput", `takes f32 frequencies ${wanted}, got ${u!.dtype} ${showShape(u!.shape)}`);
    }
    const taps = new Array<number>(rank).fill(matrix.length);
    return { shape: swapped ? [b!, a!, ...taps] : [a!, b!, ...taps], dtype: "f32" };
  },
  grad: (dw, { attrs: { matrix, rank, swapped } }) => [filterTransform(dw, transposed(matrix), rank, swapped)],
  reference([u], w, { matrix, rank, swapped }) {
    const all = alongAll(matrix, rank);
    const [o, c] = w.shape as readonly [number, number];
    forEachPair(o, c, swapped, (filter, place) => {
      all.forEach((row, k) => {
        let total = 0;
        for (let f = 0; f < row.length; f++) total += row[f]! * u!.data[f * o * c + place]!;
        w.data[filter * all.length + k] = total;
      });
    });
  },
  kernel([u], w, { matrix, rank, swapped }) {
    const [o, c] = [axis("o", w.shape[0]!), axis("c", w.shape[1]!)];
    const [k, f] = [axesOf("k", rank, matrix.length), axesOf("f", rank, matrix[0]!.length)];
    const read = load(u!, [
      together(
        f,
        f.map((a) => a.extent),
      ),
      ...(swapped ? [c, o] : [o, c]),
    ]);
    return kernelOf("filterOutput", w, [o, c, ...k], [o, c, ...k], f, {}, transformedBy(matrix, k, f, read));
  },
});

/** Calls `visit` with the place of every filter in [o, c] and in u's order. */
function forEachPair(o: number, c: number, swapped: boolean, visit: (filter: number, place: number) => void): void {
  for (let i = 0; i < o; i++) for (let j = 0; j < c; j++) visit(i * c + j, swapped ? j * o + i : i * c + j);
}

/** Filters w [o, c, ...taps] by `matrix` [frequencies][taps] along each axis: [frequencies ^ rank, o, c], or [.., c, o] if `swapped`. */
export const filterTransform = (w: Tensor, matrix: Matrix, rank: number, swapped = false): Tensor =>
  apply(filterTransformOp, [w], { matrix, rank, swapped });

/** Filters [o, c, ...taps] of u [frequencies ^ rank, o, c] (or [.., c, o] if `swapped`) by `matrix` [taps][frequencies]. */
export const filterOutput = (u: Tensor, matrix: Matrix, rank: number, swapped = false): Tensor =>
  apply(filterOutputOp, [u], { matrix, rank, swapped });
