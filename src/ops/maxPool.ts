/**
 * Max pooling. Its gradient goes to the winner alone, so the winner's place in the window is an op of its own (the first
 * in row-major order, as in PyTorch), and the gradient gathers: each input element looks at the windows that hold it.
 */
import { sizeOf, stridesOf } from "../base/shape.ts";
import { defineOp, type Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { offsetOf } from "../kernel/address.ts";
import { add, binary, constant as c, type Expr, index, load, select } from "../kernel/expr.ts";
import { Int } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { forEachIndex } from "./pointwise.ts";
import { normalizeAdaptive, normalizePool, type PoolOptions, poolCounts, pooled } from "./pool.ts";
import {
  forEachPooled,
  inputKernels,
  isAdaptive,
  type PoolAttrs,
  type PoolSpace,
  tapsOf,
  windowReads,
  windowStart,
  windowsOnly,
  withSpace,
} from "./poolAxis.ts";
import type { Sizes } from "./window.ts";

export const maxPoolOp: Op<PoolAttrs> = defineOp<PoolAttrs>({
  name: "maxPool",
  facts: {},
  infer: ([x], w) => pooled("maxPool", x!, w),
  grad: (dy, { inputs: [x], attrs }) => [apply(maxPoolGradOp, [dy, winnerOf(x!, attrs)], withSpace(x!.shape, attrs))],
  reference([x], y, w) {
    y.data.fill(Number.NEGATIVE_INFINITY);
    forEachPooled(w, x!.shape, y.shape, (i, o) => {
      y.data[o] = Math.max(y.data[o]!, x!.data[i]!);
    });
  },
  kernel([x], y, w) {
    const at = windowReads(w, y.shape);
    return kernelOf("maxPool", y, at.axes, at.at, at.reduce, { combine: "max" }, load(x!, at.index, at.guards, Number.NEGATIVE_INFINITY));
  },
  counts: (_, y, w) => poolCounts(y.shape, w),
});

/**
 * Which tap of each window holds the maximum: its row-major number in the window, u8 where that is enough, else i32. Of equal
 * ones the first, and of NaN the first.
 */
// PyTorch: of several NaN in a window its kernels take the last.
export const maxPoolWinnerOp: Op<PoolAttrs> = defineOp<PoolAttrs>({
  name: "maxPoolWinner",
  facts: {},
  infer: ([x], w) => ({ ...pooled("maxPool", x!, w), dtype: sizeOf(tapsOf(w)) <= 256 ? "u8" : "i32" }),
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
    const at = windowReads(w, out.shape);
    const read = load(x!, at.index, at.guards, Number.NEGATIVE_INFINITY);
    const first = firstInside(w, at.at);
    // Where all of a window is -Infinity, so is the padding, which must not win.
    const post = (tap: Expr): Expr => (first ? binary("max", tap, first) : tap);
    return kernelOf("maxPoolWinner", out, at.axes, at.at, at.reduce, { combine: "argmax", post }, read);
  },
});

/** The number of each window's first tap that is not in the padding; undefined where that is always 0. */
function firstInside(w: PoolAttrs, out: readonly Int[]): Expr | undefined {
  if (isAdaptive(w)) return undefined;
  const strides = stridesOf(w.kernel);
  const along = w.padding.flatMap(([before], d) => {
    if (before <= 0) return [];
    const dilation = w.dilation[d]!;
    const steps = Int.of(before + dilation - 1).sub(out[d + 2]!.mul(w.stride[d]!));
    const tap = binary("max", index(steps.div(dilation)), index(Int.of(0)));
    return [binary("mul", tap, index(Int.of(strides[d]!)))];
  });
  return along.length === 0 ? undefined : along.reduce(add);
}

/** Where each window's winner lies in the plane [...space], flat, i32: what PyTorch's max pools return as indices. */
export const maxPoolIndicesOp: Op<PoolSpace> = defineOp<PoolSpace>({
  name: "maxPoolIndices",
  facts: {},
  infer: ([winner]) => ({ shape: winner!.shape, dtype: "i32" }),
  reference([winner], out, w) {
    const taps = tapsOf(w);
    forEachIndex(out.shape, (at, o) => {
      out.data[o] = w.inputSpace.reduce((place, n, d) => {
        const tap = Math.floor(winner!.data[o]! / sizeOf(taps.slice(d + 1))) % taps[d]!;
        return place * n + windowStart(w, d, at[d + 2]!) + tap * (isAdaptive(w) ? 1 : w.dilation[d]!);
      }, 0);
    });
  },
  // A sum over taps in which one term is not zero: the machine has no integer division of vectors.
  kernel([winner], out, w) {
    const at = windowReads(w, out.shape);
    const place = offsetOf(at.index.slice(2), stridesOf(w.inputSpace));
    const body = select("eq", load(winner!, at.at), index(at.tap), index(place), index(Int.of(0)));
    return kernelOf("maxPoolIndices", out, at.axes, at.at, at.reduce, {}, body);
  },
});

/** dx[i] = sum of dy over the windows that i won. */
export const maxPoolGradOp: Op<PoolSpace> = defineOp<PoolSpace>({
  name: "maxPoolGrad",
  facts: { linear: true },
  infer: ([dy], { inputSpace }) => ({ shape: [...dy!.shape.slice(0, 2), ...inputSpace], dtype: "f32" }),
  grad: (d, { inputs: [, winner], attrs }) => [apply(maxPoolTakeOp, [d, winner!], windowsOnly(attrs)), undefined],
  reference([dy, winner], dx, w) {
    forEachPooled(w, dx.shape, dy!.shape, (i, o, tap) => {
      if (winner!.data[o] === tap) dx.data[i]! += dy!.data[o]!;
    });
  },
  kernel: ([dy, winner], dx, w) =>
    inputKernels("maxPoolGrad", dx, w, dy!.shape, (at) => {
      const won = load(winner!, at.index, at.guards, -1);
      return select("eq", won, index(at.tap), load(dy!, at.index, at.guards), c(0));
    }),
});

/** out = the element of x that won each window: the adjoint of maxPoolGrad. */
export const maxPoolTakeOp: Op<PoolAttrs> = defineOp<PoolAttrs>({
  name: "maxPoolTake",
  facts: { linear: true },
  infer: ([x], w) => pooled("maxPool", x!, w),
  grad: (dy, { inputs: [x, winner], attrs }) => [apply(maxPoolGradOp, [dy, winner!], withSpace(x!.shape, attrs)), undefined],
  reference([x, winner], y, w) {
    forEachPooled(w, x!.shape, y.shape, (i, o, tap) => {
      if (winner!.data[o] === tap) y.data[o] = x!.data[i]!;
    });
  },
  kernel([x, winner], y, w) {
    const at = windowReads(w, y.shape);
    const body = select("eq", load(winner!, at.at), index(at.tap), load(x!, at.index, at.guards), c(0));
    return kernelOf("maxPoolTake", y, at.axes, at.at, at.reduce, {}, body);
  },
});

const winnerOf = (x: Tensor, w: PoolAttrs): Tensor => apply(maxPoolWinnerOp, [x], w);

/** A pool's maxima, and where they are: flat in the unpadded plane of their channel, i32. */
export interface WithIndices {
  readonly output: Tensor;
  readonly indices: Tensor;
}

const maximaOf = (x: Tensor, w: PoolAttrs): WithIndices => ({
  output: apply(maxPoolOp, [x], w),
  indices: apply(maxPoolIndicesOp, [winnerOf(x, w)], withSpace(x.shape, w)),
});

/**
 * Largest element of each window of x [n, c, ...space]; stride defaults to `kernel`. NaN where a window holds one. The
 * gradient goes to the first of the largest, in row-major order. PyTorch's max_pool1d, max_pool2d, max_pool3d.
 */
export const maxPool = (x: Tensor, kernel: number | readonly number[], options: PoolOptions = {}): Tensor =>
  apply(maxPoolOp, [x], normalizePool("maxPool", x, kernel, options));

/** maxPool, and where the maxima are. PyTorch's return_indices. */
export const maxPoolWithIndices = (x: Tensor, kernel: number | readonly number[], options: PoolOptions = {}): WithIndices =>
  maximaOf(x, normalizePool("maxPool", x, kernel, options));

/**
 * Largest elements of as many windows of x [n, c, ...space] as `outputSize` says: [n, c, ...outputSize]. The gradient goes to
 * the first of the largest. PyTorch's adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d.
 */
export const adaptiveMaxPool = (x: Tensor, outputSize: Sizes): Tensor =>
  apply(maxPoolOp, [x], normalizeAdaptive("adaptiveMaxPool", x, outputSize));

/** adaptiveMaxPool, and where the maxima are. PyTorch's return_indices. */
export const adaptiveMaxPoolWithIndices = (x: Tensor, outputSize: Sizes): WithIndices =>
  maximaOf(x, normalizeAdaptive("adaptiveMaxPool", x, outputSize));
