import { showShape, stridesOf } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { compute } from "../kernel/kernel.ts";
import { dot, forEachIndex } from "./pointwise.ts";

/** Axis i of the result is axis order[i] of the input. */
export const permuteOp: Op<{ readonly order: readonly number[] }> = defineOp<{ readonly order: readonly number[] }>({
  name: "permute",
  facts: { linear: true },
  infer: ([x], { order }) => ({ shape: order.map((d) => x!.shape[d]!), dtype: x!.dtype }),
  grad: (dy, { attrs: { order } }) => [
    permute(
      dy,
      order.map((_, d) => order.indexOf(d)),
    ),
  ],
  reference([x], out, { order }) {
    const strides = stridesOf(x!.shape);
    const at = order.map((d) => strides[d]!);
    forEachIndex(out.shape, (index, i) => {
      out.data[i] = x!.data[dot(index, at)]!;
    });
  },
  kernel: ([x], out, { order }) =>
    compute("permute", out, {}, (axes) =>
      load(
        x!,
        order.map((_, d) => axes[order.indexOf(d)]!),
      ),
    ),
});

/** The axes in another order: axis i of the result is axis order[i] of `x`. PyTorch's permute. */
export function permute(x: Tensor, order: readonly number[]): Tensor {
  if (order.length !== x.shape.length || [...order].sort((a, b) => a - b).some((d, i) => d !== i)) {
    throw new OpError("permute", `takes each axis of ${showShape(x.shape)} once, got ${showShape(order)}`);
  }
  return order.every((d, i) => d === i) ? x : apply(permuteOp, [x], { order });
}

/** Axes a and b exchanged. */
export function transpose(x: Tensor, a: number, b: number): Tensor {
  const order = x.shape.map((_, d) => d);
  [order[a], order[b]] = [b, a];
  return permute(x, order);
}
