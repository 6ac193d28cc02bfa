/** One element along an axis, by index: the class score at the label, and its adjoint. */
import { type Shape, sameShape, showShape, stridesOf } from "../base/shape.ts";
import { defineOp, type Op, OpError, type TensorType } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, index, load, select } from "../kernel/expr.ts";
import { Int } from "../kernel/int.ts";
import { compute } from "../kernel/kernel.ts";
import { forEachIndex } from "./pointwise.ts";
import { normalizeAxes } from "./reduction.ts";

interface PickAttrs extends Readonly<Record<string, unknown>> {
  readonly axis: number;
}

const without = (shape: Shape, axis: number): Shape => shape.filter((_, d) => d !== axis);

function checkIndices(op: string, shape: Shape, indices: TensorType, axis: number): void {
  if (indices.dtype !== "i32") throw new OpError(op, `indices must be i32, got ${indices.dtype}`);
  if (!sameShape(without(shape, axis), indices.shape)) {
    throw new OpError(
      op,
      `indices must be ${showShape(without(shape, axis))} for an input of ${showShape(shape)}, got ${showShape(indices.shape)}`,
    );
  }
}

/** out[..] = x[.., indices[..], ..]; zero where the index is outside the axis. */
export const pickOp: Op<PickAttrs> = defineOp<PickAttrs>({
  name: "pick",
  facts: { linear: true },
  infer([x, indices], { axis }) {
    if (x!.dtype !== "f32") throw new OpError("pick", `takes f32, got ${x!.dtype} ${showShape(x!.shape)}. Convert it with toFloat`);
    checkIndices("pick", x!.shape, indices!, axis);
    return { shape: indices!.shape, dtype: "f32" };
  },
  grad: (dy, { inputs: [x, indices], attrs: { axis } }) => [place(dy, indices!, axis, x!.shape[axis]!), undefined],
  reference([x, indices], out, { axis }) {
    const strides = stridesOf(x!.shape);
    const outer = without(strides, axis);
    forEachIndex(out.shape, (at, i) => {
      const k = indices!.data[i]!;
      if (k < 0 || k >= x!.shape[axis]!) return;
      out.data[i] = x!.data[at.reduce((sum, j, d) => sum + j * outer[d]!, 0) + k * strides[axis]!]!;
    });
  },
  // A sum over the axis in which one term is not zero: exact, and free of data-dependent addresses.
  kernel: ([x, indices], out, { axis }) =>
    compute("pick", out, { reduce: [x!.shape[axis]!] }, (o, [r]) =>
      select("eq", load(indices!, o), index(Int.of(r!)), load(x!, [...o.slice(0, axis), r!, ...o.slice(axis)]), c(0)),
    ),
});

/** The adjoint of pick: zeros but for out[.., indices[..], ..] = dy[..]. */
export const placeOp: Op<PickAttrs & { readonly extent: number }> = defineOp<PickAttrs & { readonly extent: number }>({
  name: "place",
  facts: { linear: true },
  infer([dy, indices], { axis, extent }) {
    const shape = [...dy!.shape.slice(0, axis), extent, ...dy!.shape.slice(axis)];
    checkIndices("place", shape, indices!, axis);
    return { shape, dtype: "f32" };
  },
  grad: (d, { inputs: [, indices], attrs: { axis } }) => [pick(d, indices!, axis), undefined],
  reference([dy, indices], out, { axis, extent }) {
    const strides = stridesOf(out.shape);
    const outer = without(strides, axis);
    forEachIndex(dy!.shape, (at, i) => {
      const k = indices!.data[i]!;
      if (k < 0 || k >= extent) return;
      out.data[at.reduce((sum, j, d) => sum + j * outer[d]!, 0) + k * strides[axis]!] = dy!.data[i]!;
    });
  },
  kernel: ([dy, indices], out, { axis }) =>
    compute("place", out, {}, (o) => {
      const at = o.filter((_, d) => d !== axis);
      return select("eq", load(indices!, at), index(Int.of(o[axis]!)), load(dy!, at), c(0));
    }),
});

/** x[.., indices[..], ..] along `axis`: one element per index, i32; zero where an index is outside. */
export const pick = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  apply(pickOp, [x, indices], { axis: normalizeAxes("pick", [axis], x.shape.length)[0]! });

const place = (dy: Tensor, indices: Tensor, axis: number, extent: number): Tensor => apply(placeOp, [dy, indices], { axis, extent });
