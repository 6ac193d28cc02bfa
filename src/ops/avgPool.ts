import { type Shape, sizeOf } from "../base/shape.ts";
import { type Counts, defineOp, type Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, div, isZero, load } from "../kernel/expr.ts";
import { axis } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { normalizePool, type PoolOptions, pooled } from "./pool.ts";
import { forEachTap, tapIndex, type WindowAttrs, windowIndex } from "./window.ts";

/** Mean over each window; padding counts as zeros (PyTorch's count_include_pad). */
export const avgPoolOp: Op<WindowAttrs> = defineOp<WindowAttrs>({
  name: "avgPool",
  facts: { linear: true },
  infer: ([x], w) => pooled("avgPool", x!, w),
  grad: (dy, { inputs: [x], attrs }) => [apply(avgPoolGradOp, [dy], { ...attrs, inputSpace: x!.shape.slice(2) })],
  reference([x], y, w) {
    forEachPooled(w, x!.shape, y.shape, (i, o) => {
      y.data[o]! += x!.data[i]! / sizeOf(w.kernel);
    });
  },
  kernel([x], y, w) {
    const out = y.shape.map((extent, d) => axis(`o${d}`, extent));
    const taps = w.kernel.map((extent, d) => axis(`k${d}`, extent));
    const read = load(x!, [out[0]!, out[1]!, ...taps.map((k, d) => tapIndex(w, d, out[d + 2]!, k))]);
    return kernelOf("avgPool", y, out, out, taps, { post: (total) => div(total, c(sizeOf(w.kernel))) }, read);
  },
  counts: (_, y, w) => poolCounts(y.shape, w),
});

/** Spreads each output's gradient evenly over its window. */
export const avgPoolGradOp: Op<WindowAttrs & { readonly inputSpace: Shape }> = defineOp<WindowAttrs & { readonly inputSpace: Shape }>({
  name: "avgPoolGrad",
  facts: { linear: true },
  infer: ([dy], { inputSpace }) => ({ shape: [...dy!.shape.slice(0, 2), ...inputSpace], dtype: "f32" }),
  grad: (d, { attrs: { kernel, stride, padding, dilation } }) => [apply(avgPoolOp, [d], { kernel, stride, padding, dilation })],
  reference([dy], dx, w) {
    forEachPooled(w, dx.shape, dy!.shape, (i, o) => {
      dx.data[i]! += dy!.data[o]! / sizeOf(w.kernel);
    });
  },
  kernel([dy], dx, w) {
    const at = dx.shape.map((extent, d) => axis(`i${d}`, extent));
    const taps = w.kernel.map((extent, d) => axis(`k${d}`, extent));
    const ends = taps.map((k, d) => windowIndex(w, d, at[d + 2]!, k));
    const guards = ends.map((end, d) => isZero(end.mod(w.stride[d]!)));
    const read = load(dy!, [at[0]!, at[1]!, ...ends.map((end, d) => end.div(w.stride[d]!))], guards);
    return kernelOf("avgPoolGrad", dx, at, at, taps, { post: (total) => div(total, c(sizeOf(w.kernel))) }, read);
  },
});

/** Every pooled pair of input and output element, as flat indices. */
export function forEachPooled(w: WindowAttrs, x: Shape, y: Shape, visit: (input: number, output: number, tap: number) => void): void {
  const [inSpace, outSpace] = [x.slice(2), y.slice(2)];
  for (let nc = 0; nc < x[0]! * x[1]!; nc++) {
    forEachTap(w, inSpace, outSpace, (i, o, tap) => visit(nc * sizeOf(inSpace) + i, nc * sizeOf(outSpace) + o, tap));
  }
}

/** Pools have connections and no weights: one per element of each window. */
export const poolCounts = (y: Shape, w: WindowAttrs): Counts => ({ multiplyAdds: 0, connections: sizeOf(y) * sizeOf(w.kernel) });

/** Mean over windows of x [n, c, ...space]; `kernel` is per axis, stride defaults to it. */
export const avgPool = (x: Tensor, kernel: number | readonly number[], options: PoolOptions = {}): Tensor =>
  apply(avgPoolOp, [x], normalizePool("avgPool", x, kernel, options));
