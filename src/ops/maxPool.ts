/**
 * Max pooling. Its gradient goes to the winner alone, so the winner's place in the window is an op of its own (the first
 * in row-major order, as in PyTorch), and the gradient gathers: each input element looks at the windows that hold it.
 */
import { type Shape, stridesOf } from "../base/shape.ts";
import { defineOp, type Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { offsetOf } from "../kernel/address.ts";
import { constant as c, index, isZero, load, select } from "../kernel/expr.ts";
import { axis, Int } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { forEachPooled, poolCounts } from "./avgPool.ts";
import { normalizePool, type PoolOptions, pooled } from "./pool.ts";
import { tapIndex, type WindowAttrs, windowIndex } from "./window.ts";

type WithSpace = WindowAttrs & { readonly inputSpace: Shape };

export const maxPoolOp: Op<WindowAttrs> = defineOp<WindowAttrs>({
  name: "maxPool",
  facts: {},
  infer: ([x], w) => pooled("maxPool", x!, w),
  grad: (dy, { inputs: [x], attrs }) => [
    apply(maxPoolGradOp, [dy, apply(maxPoolWinnerOp, [x!], attrs)], { ...attrs, inputSpace: x!.shape.slice(2) }),
  ],
  reference([x], y, w) {
    y.data.fill(Number.NEGATIVE_INFINITY);
    forEachPooled(w, x!.shape, y.shape, (i, o) => {
      y.data[o] = Math.max(y.data[o]!, x!.data[i]!);
    });
  },
  kernel([x], y, w) {
    const { out, taps, read } = windows(y.shape, w);
    return kernelOf("maxPool", y, out, out, taps, { combine: "max" }, load(x!, read, [], Number.NEGATIVE_INFINITY));
  },
  counts: (_, y, w) => poolCounts(y.shape, w),
});

/** Which tap of each window holds the maximum: its row-major number in the window, i32. */
export const maxPoolWinnerOp: Op<WindowAttrs> = defineOp<WindowAttrs>({
  name: "maxPoolWinner",
  facts: {},
  infer: ([x], w) => ({ ...pooled("maxPool", x!, w), dtype: "i32" }),
  reference([x], out, w) {
    const best = new Float64Array(out.data.length).fill(Number.NEGATIVE_INFINITY);
    const any = new Uint8Array(out.data.length);
    // forEachPooled runs over positions and taps axis by axis, so "first" is decided by the tap number.
    forEachPooled(w, x!.shape, out.shape, (i, o, tap) => {
      const v = x!.data[i]!;
      const first = !any[o];
      const nan = Number.isNaN(v);
      const beats = nan ? !Number.isNaN(best[o]!) || tap < out.data[o]! : v > best[o]! || (v === best[o]! && tap < out.data[o]!);
      if (first || beats) {
        any[o] = 1;
        best[o] = v;
        out.data[o] = tap;
      }
    });
  },
  kernel([x], out, w) {
    const at = windows(out.shape, w);
    return kernelOf("maxPoolWinner", out, at.out, at.out, at.taps, { combine: "argmax" }, load(x!, at.read, [], Number.NEGATIVE_INFINITY));
  },
});

/** dx[i] = sum of dy over the windows that i won. */
export const maxPoolGradOp: Op<WithSpace> = defineOp<WithSpace>({
  name: "maxPoolGrad",
  facts: { linear: true },
  infer: ([dy], { inputSpace }) => ({ shape: [...dy!.shape.slice(0, 2), ...inputSpace], dtype: "f32" }),
  grad: (d, { inputs: [, winner], attrs: { kernel, stride, padding, dilation } }) => [
    apply(maxPoolTakeOp, [d, winner!], { kernel, stride, padding, dilation }),
    undefined,
  ],
  reference([dy, winner], dx, w) {
    forEachPooled(w, dx.shape, dy!.shape, (i, o, tap) => {
      if (winner!.data[o] === tap) dx.data[i]! += dy!.data[o]!;
    });
  },
  kernel([dy, winner], dx, w) {
    const at = dx.shape.map((extent, d) => axis(`i${d}`, extent));
    const taps = w.kernel.map((extent, d) => axis(`k${d}`, extent));
    const ends = taps.map((k, d) => windowIndex(w, d, at[d + 2]!, k));
    const guards = ends.map((end, d) => isZero(end.mod(w.stride[d]!)));
    const window = [at[0]!, at[1]!, ...ends.map((end, d) => end.div(w.stride[d]!))];
    const body = select("eq", load(winner!, window, guards, -1), index(tapNumber(taps, w)), load(dy!, window, guards), c(0));
    return kernelOf("maxPoolGrad", dx, at, at, taps, {}, body);
  },
});

/** out = the element of x that won each window: the adjoint of maxPoolGrad. */
export const maxPoolTakeOp: Op<WindowAttrs> = defineOp<WindowAttrs>({
  name: "maxPoolTake",
  facts: { linear: true },
  infer: ([x], w) => pooled("maxPool", x!, w),
  grad: (dy, { inputs: [x, winner], attrs }) => [
    apply(maxPoolGradOp, [dy, winner!], { ...attrs, inputSpace: x!.shape.slice(2) }),
    undefined,
  ],
  reference([x, winner], y, w) {
    forEachPooled(w, x!.shape, y.shape, (i, o, tap) => {
      if (winner!.data[o] === tap) y.data[o] = x!.data[i]!;
    });
  },
  kernel([x, winner], y, w) {
    const { out, taps, read } = windows(y.shape, w);
    return kernelOf(
      "maxPoolTake",
      y,
      out,
      out,
      taps,
      {},
      select("eq", load(winner!, out), index(tapNumber(taps, w)), load(x!, read), c(0)),
    );
  },
});

/** Axes of a pool and the index that each tap reads. */
function windows(y: Shape, w: WindowAttrs) {
  const out = y.map((extent, d) => axis(`o${d}`, extent));
  const taps = w.kernel.map((extent, d) => axis(`k${d}`, extent));
  const read = [out[0]!, out[1]!, ...taps.map((k, d) => tapIndex(w, d, out[d + 2]!, k))];
  return { out, taps, read };
}

const tapNumber = (taps: readonly ReturnType<typeof axis>[], w: WindowAttrs): Int =>
  offsetOf(
    taps.map((k) => Int.of(k)),
    stridesOf(w.kernel),
  );

/** Largest element of each window of x [n, c, ...space]; stride defaults to `kernel`. NaN where a window holds one. */
export const maxPool = (x: Tensor, kernel: number | readonly number[], options: PoolOptions = {}): Tensor =>
  apply(maxPoolOp, [x], normalizePool("maxPool", x, kernel, options));
