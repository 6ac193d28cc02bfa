import { showShape, stridesOf } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { compute } from "../kernel/kernel.ts";
import { forEachIndex } from "./pointwise.ts";
import { normalizeAxes } from "./reduction.ts";

/** Position of the first largest element along one axis, which vanishes; of the first NaN where there is one. */
export const argmaxOp: Op<{ readonly axis: number }> = defineOp<{ readonly axis: number }>({
  name: "argmax",
  facts: {},
  infer([x], { axis }) {
    if (x!.dtype !== "f32") throw new OpError("argmax", `takes f32, got ${x!.dtype} ${showShape(x!.shape)}`);
    return { shape: x!.shape.filter((_, d) => d !== axis), dtype: "i32" };
  },
  reference([x], out, { axis }) {
    const strides = stridesOf(x!.shape);
    const outer = strides.filter((_, d) => d !== axis);
    forEachIndex(out.shape, (index, i) => {
      const base = index.reduce((sum, j, d) => sum + j * outer[d]!, 0);
      let best = 0;
      for (let j = 1; j < x!.shape[axis]!; j++) {
        const [v, w] = [x!.data[base + j * strides[axis]!]!, x!.data[base + best * strides[axis]!]!];
        if (v > w || (Number.isNaN(v) && !Number.isNaN(w))) best = j;
      }
      out.data[i] = best;
    });
  },
  kernel: ([x], out, { axis }) =>
    compute("argmax", out, { reduce: [x!.shape[axis]!], combine: "argmax" }, (o, [r]) =>
      load(x!, [...o.slice(0, axis), r!, ...o.slice(axis)]),
    ),
});

/** Position of the first largest element along `axis` (default the last), i32. */
export function argmax(x: Tensor, axis = -1): Tensor {
  return apply(argmaxOp, [x], { axis: normalizeAxes("argmax", [axis], x.shape.length)[0]! });
}
