import { f32 } from "../base/ndarray.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, constant, type Tensor } from "../ir/tensor.ts";
import { constant as c, div as divExpr, type Expr, load, mul } from "../kernel/expr.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { div } from "./arithmetic.ts";
import { forEachIndex } from "./pointwise.ts";
import { normalizeAdaptive, normalizePool, type PoolOptions, poolCounts, pooled } from "./pool.ts";
import { type AdaptiveAttrs, adaptiveSizes, forEachPooled, inputKernels, isAdaptive, windowReads } from "./poolAxis.ts";
import { perSide, type Sizes, type WindowAttrs } from "./window.ts";

/** total / divisor; the same bits faster where the divisor is a power of two. */
const divided = (total: Expr, divisor: number): Expr =>
  Number.isInteger(Math.log2(Math.abs(divisor))) ? mul(total, c(1 / divisor)) : divExpr(total, c(divisor));

export interface AvgPoolAttrs extends WindowAttrs {
  /** What each window's sum is divided by. */
  readonly divisor: number;
}

/** The sum of each window divided by a number; padding counts as zeros. */
export const avgPoolOp: Op<AvgPoolAttrs> = defineOp<AvgPoolAttrs>({
  name: "avgPool",
  facts: { linear: true },
  infer: ([x], w) => pooled("avgPool", x!, w),
  grad: (dy, { inputs: [x], attrs }) => [apply(avgPoolGradOp, [dy], { ...attrs, inputSpace: x!.shape.slice(2) })],
  reference([x], y, w) {
    forEachPooled(w, x!.shape, y.shape, (i, o) => {
      y.data[o]! += x!.data[i]! / w.divisor;
    });
  },
  kernel([x], y, w) {
    const at = windowReads(w, y.shape);
    return kernelOf("avgPool", y, at.axes, at.at, at.reduce, { post: (total) => divided(total, w.divisor) }, load(x!, at.index));
  },
  counts: (_, y, w) => poolCounts(y.shape, w),
});

/** Spreads each output's gradient evenly over its window. */
export const avgPoolGradOp: Op<AvgPoolAttrs & { readonly inputSpace: Shape }> = defineOp<AvgPoolAttrs & { readonly inputSpace: Shape }>({
  name: "avgPoolGrad",
  facts: { linear: true },
  infer: ([dy], { inputSpace }) => ({ shape: [...dy!.shape.slice(0, 2), ...inputSpace], dtype: "f32" }),
  grad: (d, { attrs: { inputSpace: _, ...attrs } }) => [apply(avgPoolOp, [d], attrs)],
  reference([dy], dx, w) {
    forEachPooled(w, dx.shape, dy!.shape, (i, o) => {
      dx.data[i]! += dy!.data[o]! / w.divisor;
    });
  },
  kernel: ([dy], dx, w) =>
    inputKernels(
      "avgPoolGrad",
      dx,
      w,
      dy!.shape,
      (at) => load(dy!, at.index, at.guards),
      (total) => divided(total, w.divisor),
    ),
});

/**
 * Sum of each adaptive window. The windows that read an input are adaptive windows too, from outputs to inputs, so this is its
 * own adjoint.
 */
export const adaptiveSumOp: Op<AdaptiveAttrs> = defineOp<AdaptiveAttrs>({
  name: "adaptiveSum",
  facts: { linear: true },
  infer: ([x], w) => pooled("adaptiveAvgPool", x!, w),
  grad: (dy, { attrs: { inputSpace, outputSize } }) => [apply(adaptiveSumOp, [dy], { inputSpace: outputSize, outputSize: inputSpace })],
  reference([x], y, w) {
    forEachPooled(w, x!.shape, y.shape, (i, o) => {
      y.data[o]! += x!.data[i]!;
    });
  },
  kernel([x], y, w) {
    const at = windowReads(w, y.shape);
    return kernelOf("adaptiveSum", y, at.axes, at.at, at.reduce, {}, load(x!, at.index, at.guards));
  },
  counts: (_, y, w) => poolCounts(y.shape, w),
});

export interface AvgPoolOptions extends PoolOptions {
  /** Whether the padding counts as elements that are zero. PyTorch's count_include_pad. Default true. */
  readonly countIncludePad?: boolean;
  /** What each window's sum is divided by, in place of the number of its elements. PyTorch's divisor_override. */
  readonly divisorOverride?: number;
}

/**
 * Mean over each window of x [n, c, ...space]; stride defaults to `kernel`. PyTorch's avg_pool1d, avg_pool2d, avg_pool3d;
 * dilation is ours.
 */
export function avgPool(x: Tensor, kernel: number | readonly number[], options: AvgPoolOptions = {}): Tensor {
  const w = normalizePool("avgPool", x, kernel, options);
  const { divisorOverride: divisor } = options;
  if (divisor !== undefined) {
    if (!Number.isFinite(divisor) || divisor === 0)
      throw new OpError("avgPool", `divisorOverride must be a number but zero, got ${divisor}`);
    return apply(avgPoolOp, [x], { ...w, divisor });
  }
  const space = x.shape.slice(2);
  const out = pooled("avgPool", x, w).shape.slice(2);
  const padding = perSide("avgPool", (options.countIncludePad ?? true) ? (options.padding ?? 0) : 0, space.length);
  // Ceil mode's part of the padding counts never: PyTorch divides by what a window has in the padded input.
  const counts = out.map((windows, d) => elements(w, d, windows, [-padding[d]![0], space[d]! + padding[d]![1]]));
  return divideByProducts(counts, (divisor) => apply(avgPoolOp, [x], { ...w, divisor }));
}

/**
 * Means over as many windows of x [n, c, ...space] as `outputSize` says (a number, or one for each axis): [n, c, ...outputSize].
 * PyTorch's adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d.
 */
export function adaptiveAvgPool(x: Tensor, outputSize: Sizes): Tensor {
  const w = normalizeAdaptive("adaptiveAvgPool", x, outputSize);
  if (!isAdaptive(w)) return avgPool(x, w.kernel, { stride: w.stride });
  const sizes = w.inputSpace.map((n, d) => adaptiveSizes(n, w.outputSize[d]!));
  return divideByProducts(sizes, (divisor) => {
    const sums = apply(adaptiveSumOp, [x], w);
    return divisor === 1 ? sums : div(sums, divisor);
  });
}

/** How many elements each window has between two positions along axis d, at least 1. */
function elements(w: WindowAttrs, d: number, windows: number, [from, to]: readonly [number, number]): readonly number[] {
  return Array.from({ length: windows }, (_, o) => {
    const start = o * w.stride[d]! - w.padding[d]![0];
    const inside = Array.from({ length: w.kernel[d]! }, (_, k) => start + k * w.dilation[d]!).filter((i) => i >= from && i < to);
    return Math.max(1, inside.length);
  });
}

/**
 * Sums [n, c, ...out] over the product of each axis' count: `sums` divides by a number itself, which costs nothing; where
 * windows differ, the products are a small constant.
 */
function divideByProducts(counts: readonly (readonly number[])[], sums: (divisor: number) => Tensor): Tensor {
  if (counts.every((axis) => axis.every((count) => count === axis[0]))) return sums(counts.reduce((n, axis) => n * axis[0]!, 1));
  const shape = counts.map((axis) => axis.length);
  const products = new Float32Array(sizeOf(shape));
  forEachIndex(shape, (at, i) => {
    products[i] = at.reduce((n, o, d) => n * counts[d]![o]!, 1);
  });
  return div(sums(1), constant(f32(shape, products)));
}
