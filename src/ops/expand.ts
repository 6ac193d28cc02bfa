import { broadcastShapes, type Shape, sameShape, showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { compute } from "../kernel/kernel.ts";
import { broadcastStrides, dot, forEachIndex, loadBroadcast } from "./pointwise.ts";
import { sumTo } from "./sum.ts";

/** Repeats axes of extent 1, and adds axes in front. */
export const expandOp: Op<{ readonly shape: Shape }> = defineOp<{ readonly shape: Shape }>({
  name: "expand",
  facts: { linear: true, repeats: true },
  infer([x], { shape }) {
    const joint = broadcastShapes(x!.shape, shape);
    if (!joint || !sameShape(joint, shape)) throw new OpError("expand", `${showShape(x!.shape)} does not broadcast to ${showShape(shape)}`);
    return { shape, dtype: x!.dtype };
  },
  grad: (dy, { inputs: [x] }) => [sumTo(dy, x!.shape)],
  reference([x], out) {
    const at = broadcastStrides(x!.shape, out.shape);
    forEachIndex(out.shape, (index, i) => {
      out.data[i] = x!.data[dot(index, at)]!;
    });
  },
  kernel: ([x], out) => compute("expand", out, {}, (axes) => loadBroadcast(x!, axes)),
});

/** `x` broadcast to `shape`. */
export const expand = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : apply(expandOp, [x], { shape }));
