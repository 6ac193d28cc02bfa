import { type Shape, sameShape, showShape, sizeOf, stridesOf } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, opOf, type Tensor } from "../ir/tensor.ts";
import { offsetOf } from "../kernel/address.ts";
import { load } from "../kernel/expr.ts";
import { type Axis, axis, Int } from "../kernel/int.ts";
import { compute, kernelLoads, kernelOf } from "../kernel/kernel.ts";

export const reshapeOp: Op<{ readonly shape: Shape }> = defineOp<{ readonly shape: Shape }>({
  name: "reshape",
  facts: { linear: true, reshape: true, repeats: true },
  infer: ([x], { shape }) => ({ shape, dtype: x!.dtype }),
  grad: (dy, { inputs: [x] }) => [reshape(dy, x!.shape)],
  simplify: ([x], { shape }) => {
    const inner = opOf(x!);
    if (sameShape(x!.shape, shape)) return x;
    return inner?.op.facts.reshape ? reshape(inner.inputs[0]!, shape) : undefined;
  },
  reference: ([x], out) => out.data.set(x!.data),
  kernel([x], out) {
    // As a view where axes split, else over the input's axes: where they merge, the place of each element is affine.
    const view = compute("reshape", out, {}, (o) => load(x!, unflatten(o, out.shape, x!.shape)));
    if (kernelLoads(view).every((l) => l.index.every((i) => i.affine))) return view;
    const axes = x!.shape.map((extent, d) => axis(`i${d}`, extent));
    const place = unflatten(axes, x!.shape, out.shape);
    return place.every((i) => i.affine) ? kernelOf("reshape", out, axes, place, [], {}, load(x!, axes)) : view;
  },
});

/** The index in `to` of the element that stands at `axes` of `from`. */
function unflatten(axes: readonly Axis[], from: Shape, to: Shape): Int[] {
  const flat = offsetOf(
    axes.map((a) => Int.of(a)),
    stridesOf(from),
  );
  const strides = stridesOf(to);
  return to.map((extent, d) => flat.div(strides[d]!).mod(extent));
}

/** The same elements, in row-major order, in another shape. One size may be -1: it follows from the rest. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((n, e) => (e === -1 ? n : n * e), 1);
  const full = shape.map((e) => (e === -1 ? sizeOf(x.shape) / known : e));
  if (shape.filter((e) => e === -1).length > 1 || sizeOf(full) !== sizeOf(x.shape) || full.some((e) => !Number.isInteger(e) || e < 0)) {
    throw new OpError("reshape", `${showShape(x.shape)} has ${sizeOf(x.shape)} elements and cannot become ${showShape(shape)}`);
  }
  return sameShape(full, x.shape) ? x : apply(reshapeOp, [x], { shape: full });
}

/** Axes from `startDim` (default 1) on as one: [n, c, h, w] becomes [n, c * h * w]. */
export function flatten(x: Tensor, startDim = 1): Tensor {
  return reshape(x, [...x.shape.slice(0, startDim), sizeOf(x.shape.slice(startDim))]);
}
