import { sizeOf } from "../base/shape.ts";
import { defineOp, type Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { compute } from "../kernel/kernel.ts";
import { div, mul } from "./arithmetic.ts";
import { broadcastStrides, dot, forEachIndex } from "./pointwise.ts";
import { normalizeAxes, placeAxes, type ReduceAttrs, reducedShape } from "./reduction.ts";
import { reshape } from "./reshape.ts";
import { select } from "./select.ts";
import { sum } from "./sum.ts";

/** Largest element over `axes`, which stay with extent 1; NaN where there is one. */
export const maxOp: Op<ReduceAttrs> = defineOp<ReduceAttrs>({
  name: "max",
  facts: {},
  infer: ([x], { axes }) => reducedShape("max", x!, axes),
  // PyTorch's amax: equal winners share the gradient evenly.
  grad(dy, { inputs: [x], attrs: { axes }, output }) {
    const winners = select("eq", x!, output, 1, 0);
    return [mul(winners, div(dy, sum(winners, axes, true)))];
  },
  reference([x], out) {
    out.data.fill(Number.NEGATIVE_INFINITY);
    const at = broadcastStrides(out.shape, x!.shape);
    forEachIndex(x!.shape, (index, i) => {
      const o = dot(index, at);
      out.data[o] = Math.max(out.data[o]!, x!.data[i]!);
    });
  },
  kernel: ([x], out, { axes }) =>
    compute("max", out, { reduce: axes.map((a) => x!.shape[a]!), combine: "max" }, (o, r) => load(x!, placeAxes(o, r, axes))),
  counts: ([x]) => ({ multiplyAdds: 0, connections: sizeOf(x!.shape) }),
});

/** Largest element over `axes` (all by default). PyTorch's amax. */
export function max(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const over = normalizeAxes("max", axes, x.shape.length);
  const kept = apply(maxOp, [x], { axes: over });
  return keepDims
    ? kept
    : reshape(
        kept,
        x.shape.filter((_, i) => !over.includes(i)),
      );
}
