import { showShape, sizeOf } from "../base/shape.ts";
import { defineOp, type Op, OpError, type TensorType } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { axis as axisOf, Int } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { normalizeAxes } from "./reduction.ts";
import { reshape } from "./reshape.ts";
import { split } from "./slice.ts";

interface ConcatAttrs extends Readonly<Record<string, unknown>> {
  readonly axis: number;
}

/** Arrays one after the other along an axis. Each is a kernel that writes its part, so what makes it may write there itself. */
export const concatOp: Op<ConcatAttrs> = defineOp<ConcatAttrs>({
  name: "concat",
  facts: { linear: true },
  infer(inputs, { axis }) {
    const first = inputs[0]!;
    inputs.forEach((x, i) => {
      const fits = x.shape.length === first.shape.length && x.shape.every((n, d) => d === axis || n === first.shape[d]);
      if (!fits) {
        const both = `${showShape(first.shape)} and ${showShape(x.shape)}`;
        throw new OpError("concat", `inputs must agree in every axis but ${axis}, got ${both} (input ${i})`);
      }
      if (x.dtype !== first.dtype)
        throw new OpError("concat", `inputs must have one element type, got ${first.dtype} and ${x.dtype} (input ${i})`);
    });
    return { shape: first.shape.with(axis, extentOf(inputs, axis)), dtype: first.dtype };
  },
  grad: (dy, { inputs, attrs: { axis } }) =>
    split(
      dy,
      inputs.map((x) => x.shape[axis]!),
      axis,
    ),
  reference(inputs, y, { axis }) {
    const rows = sizeOf(y.shape.slice(0, axis));
    const whole = sizeOf(y.shape.slice(axis));
    let start = 0;
    for (const x of inputs) {
      const part = sizeOf(x.shape.slice(axis));
      for (let r = 0; r < rows; r++) y.data.set(x.data.subarray(r * part, (r + 1) * part), r * whole + start);
      start += part;
    }
  },
  kernel(inputs, y, { axis }) {
    let start = 0;
    return inputs.map((x) => {
      const axes = x.shape.map((extent, d) => axisOf(`i${d}`, extent));
      const at = axes.map((a, d) => (d === axis ? Int.of(a).add(start) : Int.of(a)));
      start += x.shape[axis]!;
      return kernelOf("concat", y, axes, at, [], {}, load(x, axes));
    });
  },
});

const extentOf = (inputs: readonly TensorType[], axis: number): number => inputs.reduce((n, x) => n + x.shape[axis]!, 0);

/** Arrays one after the other along `axis` (default 1, the channels of [n, c, ...space]). PyTorch's cat, whose default is 0. */
export function concat(inputs: readonly Tensor[], axis = 1): Tensor {
  const first = inputs[0];
  if (!first) throw new OpError("concat", "needs at least one input, got none");
  const along = normalizeAxes("concat", [axis], first.shape.length)[0]!;
  return inputs.length === 1 ? first : apply(concatOp, inputs, { axis: along });
}

/** Arrays of one shape as one, along a new axis. PyTorch's stack. */
export function stack(inputs: readonly Tensor[], axis = 0): Tensor {
  const first = inputs[0];
  if (!first) throw new OpError("stack", "needs at least one input, got none");
  const at = normalizeAxes("stack", [axis], first.shape.length + 1)[0]!;
  const other = inputs.findIndex((x) => showShape(x.shape) !== showShape(first.shape));
  if (other >= 0) {
    throw new OpError(
      "stack",
      `inputs must have one shape, got ${showShape(first.shape)} and ${showShape(inputs[other]!.shape)} (input ${other})`,
    );
  }
  const widened = inputs.map((x) => reshape(x, x.shape.toSpliced(at, 0, 1)));
  return concat(widened, at);
}
