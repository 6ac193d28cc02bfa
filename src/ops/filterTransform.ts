/**
 * Linear transforms of filters, by a small matrix along each spatial axis:
 *
 *   u = filterTransform(w, M)  u[f, o, c] = sum over k of M1[f1, k1] M2[f2, k2] ... w[o, c, k]     (or u[f, c, o])
 *   w = filterOutput(u, M)     w[o, c, k] = sum over f of M1[k1, f1] M2[k2, f2] ... u[f, o, c]
 */
import { showShape, sizeOf } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load, type Matrix } from "../kernel/expr.ts";
import { axis } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { alongAll, axesOf, columnsOf, rowsOf, together, transformedBy, transposed } from "./alongAxes.ts";

interface FilterAttrs extends Readonly<Record<string, unknown>> {
  /** One for each spatial axis. */
  readonly matrices: readonly Matrix[];
  /** Whether u is [f, c, o]. */
  readonly swapped: boolean;
}

export const filterTransformOp: Op<FilterAttrs> = defineOp<FilterAttrs>({
  name: "filterTransform",
  facts: { linear: true },
  infer([w], { matrices, swapped }) {
    const [o, c, ...taps] = w!.shape;
    if (w!.dtype !== "f32" || taps.length !== matrices.length || taps.some((k, d) => matrices[d]!.some((row) => row.length !== k))) {
      const wanted = `[out, in, ${columnsOf(matrices).join(", ")}]`;
      throw new OpError("filterTransform", `takes f32 filters ${wanted}, got ${w!.dtype} ${showShape(w!.shape)}`);
    }
    return { shape: [sizeOf(rowsOf(matrices)), ...(swapped ? [c!, o!] : [o!, c!])], dtype: "f32" };
  },
  grad: (du, { attrs: { matrices, swapped } }) => [filterOutput(du, matrices.map(transposed), swapped)],
  reference([w], u, { matrices, swapped }) {
    const all = alongAll(matrices);
    const [o, c] = w!.shape as readonly [number, number];
    forEachPair(o, c, swapped, (filter, place) => {
      all.forEach((row, f) => {
        let total = 0;
        for (let k = 0; k < row.length; k++) total += row[k]! * w!.data[filter * row.length + k]!;
        u.data[f * o * c + place] = total;
      });
    });
  },
  kernel([w], u, { matrices, swapped }) {
    const [o, c] = [axis("o", w!.shape[0]!), axis("c", w!.shape[1]!)];
    const [f, k] = [axesOf("f", rowsOf(matrices)), axesOf("k", columnsOf(matrices))];
    const pair = swapped ? [c, o] : [o, c];
    const at = together(
      f,
      f.map((a) => a.extent),
    );
    return kernelOf("filterTransform", u, [...f, ...pair], [at, ...pair], k, {}, transformedBy(matrices, f, k, load(w!, [o, c, ...k])));
  },
});

export const filterOutputOp: Op<FilterAttrs> = defineOp<FilterAttrs>({
  name: "filterOutput",
  facts: { linear: true, filter: true },
  infer([u], { matrices, swapped }) {
    const [f, a, b] = u!.shape;
    if (u!.dtype !== "f32" || u!.shape.length !== 3 || sizeOf(columnsOf(matrices)) !== f) {
      const wanted = `[${sizeOf(columnsOf(matrices))}, out, in]`;
      throw new OpError("filterOutput", `takes f32 frequencies ${wanted}, got ${u!.dtype} ${showShape(u!.shape)}`);
    }
    const taps = rowsOf(matrices);
    return { shape: swapped ? [b!, a!, ...taps] : [a!, b!, ...taps], dtype: "f32" };
  },
  grad: (dw, { attrs: { matrices, swapped } }) => [filterTransform(dw, matrices.map(transposed), swapped)],
  reference([u], w, { matrices, swapped }) {
    const all = alongAll(matrices);
    const [o, c] = w.shape as readonly [number, number];
    forEachPair(o, c, swapped, (filter, place) => {
      all.forEach((row, k) => {
        let total = 0;
        for (let f = 0; f < row.length; f++) total += row[f]! * u!.data[f * o * c + place]!;
        w.data[filter * all.length + k] = total;
      });
    });
  },
  kernel([u], w, { matrices, swapped }) {
    const [o, c] = [axis("o", w.shape[0]!), axis("c", w.shape[1]!)];
    const [k, f] = [axesOf("k", rowsOf(matrices)), axesOf("f", columnsOf(matrices))];
    const read = load(u!, [
      together(
        f,
        f.map((a) => a.extent),
      ),
      ...(swapped ? [c, o] : [o, c]),
    ]);
    return kernelOf("filterOutput", w, [o, c, ...k], [o, c, ...k], f, {}, transformedBy(matrices, k, f, read));
  },
});

/** Calls `visit` with the place of every filter in [o, c] and in u's order. */
function forEachPair(o: number, c: number, swapped: boolean, visit: (filter: number, place: number) => void): void {
  for (let i = 0; i < o; i++) for (let j = 0; j < c; j++) visit(i * c + j, swapped ? j * o + i : i * c + j);
}

/** Filters w [o, c, ...taps] by a matrix [frequencies][taps] along each axis: [all frequencies, o, c], or [.., c, o] if `swapped`. */
export const filterTransform = (w: Tensor, matrices: readonly Matrix[], swapped = false): Tensor =>
  apply(filterTransformOp, [w], { matrices, swapped });

/** Filters [o, c, ...taps] of u [all frequencies, o, c] (or [.., c, o] if `swapped`) by a matrix [taps][frequencies] along each axis. */
export const filterOutput = (u: Tensor, matrices: readonly Matrix[], swapped = false): Tensor =>
  apply(filterOutputOp, [u], { matrices, swapped });
