import { type Shape, sameShape, showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { compute } from "../kernel/kernel.ts";
import { div } from "./arithmetic.ts";
import { expand } from "./expand.ts";
import { broadcastStrides, dot, forEachIndex } from "./pointwise.ts";
import { normalizeAxes, placeAxes, type ReduceAttrs, reducedShape } from "./reduction.ts";
import { reshape } from "./reshape.ts";

/** Sum over `axes`, which stay with extent 1. */
export const sumOp: Op<ReduceAttrs> = defineOp<ReduceAttrs>({
  name: "sum",
  facts: { linear: true },
  infer: ([x], { axes }) => reducedShape("sum", x!, axes),
  grad: (dy, { inputs: [x] }) => [expand(dy, x!.shape)],
  reference([x], out) {
    const at = broadcastStrides(out.shape, x!.shape);
    forEachIndex(x!.shape, (index, i) => {
      out.data[dot(index, at)]! += x!.data[i]!;
    });
  },
  kernel: ([x], out, { axes }) => compute("sum", out, { reduce: axes.map((a) => x!.shape[a]!) }, (o, r) => load(x!, placeAxes(o, r, axes))),
  counts: ([x]) => ({ multiplyAdds: 0, connections: x!.shape.reduce((n, e) => n * e, 1) }),
});

/** Sum over `axes` (all by default), which vanish, or stay with extent 1 if `keepDims`. */
export function sum(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const over = normalizeAxes("sum", axes, x.shape.length);
  const kept = over.length === 0 ? x : apply(sumOp, [x], { axes: over });
  return keepDims
    ? kept
    : reshape(
        kept,
        x.shape.filter((_, i) => !over.includes(i)),
      );
}

/** Mean over `axes` (all by default). */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const over = normalizeAxes("mean", axes, x.shape.length);
  return div(
    sum(x, over, keepDims),
    over.reduce((n, a) => n * x.shape[a]!, 1),
  );
}

/** The sum of a broadcast's gradient over what was repeated: from the shape of `x` back to `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  if (lead < 0) throw new OpError("sumTo", `${showShape(x.shape)} has fewer axes than ${showShape(shape)}`);
  const axes = x.shape.flatMap((extent, d) => (extent !== 1 && (d < lead || shape[d - lead] === 1) ? [d] : []));
  return reshape(sum(x, axes, true), shape);
}
