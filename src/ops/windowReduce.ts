/** Windows laid out side by side, and pooling by any function of a window's elements. */
import { sameShape, showShape, sizeOf } from "../base/shape.ts";
import { defineOp, type Op, OpError, type TensorType } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { normalizePool, type PoolOptions, pooled } from "./pool.ts";
import { forEachPooled, inputKernels, type PoolAttrs, type PoolSpace, tapsOf, windowReads, windowsOnly, withSpace } from "./poolAxis.ts";
import { reshape } from "./reshape.ts";
import type { Sizes } from "./window.ts";

type Filled = PoolAttrs & {
  /** What stands where a window reads padding. */
  readonly fill: number;
};

const windowsType = (x: TensorType, w: PoolAttrs): TensorType => {
  const { shape, dtype } = pooled("windows", x, w);
  return { shape: [...shape, ...tapsOf(w)], dtype };
};

/** The elements that each window reads: [n, c, ...out, ...kernel]. */
export const windowsOp: Op<Filled> = defineOp<Filled>({
  name: "windows",
  facts: {},
  infer: ([x], w) => windowsType(x!, w),
  grad: (dy, { inputs: [x], attrs }) => [apply(windowsGradOp, [dy], withSpace(x!.shape, attrs))],
  reference([x], y, w) {
    const taps = sizeOf(tapsOf(w));
    y.data.fill(w.fill);
    forEachPooled(w, x!.shape, y.shape.slice(0, x!.shape.length), (i, o, tap) => {
      y.data[o * taps + tap] = x!.data[i]!;
    });
  },
  kernel([x], y, w) {
    const at = windowReads(w, y.shape.slice(0, x!.shape.length));
    const axes = [...at.axes, ...at.reduce];
    return kernelOf("windows", y, axes, axes, [], {}, load(x!, at.index, at.guards, w.fill));
  },
});

/** The adjoint of windowsOp: each input's sum over the windows that read it. */
export const windowsGradOp: Op<PoolSpace> = defineOp<PoolSpace>({
  name: "windowsGrad",
  facts: { linear: true },
  infer: ([dy], { inputSpace }) => ({ shape: [...dy!.shape.slice(0, 2), ...inputSpace], dtype: "f32" }),
  grad: (d, { attrs }) => [apply(windowsOp, [d], { ...windowsOnly(attrs), fill: 0 })],
  reference([dy], dx, w) {
    const taps = sizeOf(tapsOf(w));
    forEachPooled(w, dx.shape, dy!.shape.slice(0, dx.shape.length), (i, o, tap) => {
      dx.data[i]! += dy!.data[o * taps + tap]!;
    });
  },
  kernel: ([dy], dx, w) => inputKernels("windowsGrad", dx, w, dy!.shape, (at) => load(dy!, [...at.index, ...at.taps], at.guards)),
});

export interface WindowOptions extends PoolOptions {
  /** What stands where a window reads padding: -Infinity for a maximum, say. Default 0. */
  readonly fill?: number;
}

/**
 * The elements of each window of x [n, c, ...space], row-major along a new last axis: [n, c, ...out, taps]. Stride defaults to
 * `kernel`. PyTorch's unfold, with the axes in another order.
 */
export function windows(x: Tensor, kernel: Sizes, options: WindowOptions = {}): Tensor {
  const w = normalizePool("windows", x, kernel, options);
  const y = apply(windowsOp, [x], { ...w, fill: options.fill ?? 0 });
  return reshape(y, [...y.shape.slice(0, x.shape.length), sizeOf(w.kernel)]);
}

/**
 * Pools by a function of your own. `fn` takes the elements of every window, [n, c, ...out, taps], and gives one number for
 * each, [n, c, ...out]; its gradient is derived.
 *
 *     const softPool = (x: Tensor) => windowReduce(x, 2, (e) => sum(mul(softmax(e), e), [-1]));
 */
export function windowReduce(x: Tensor, kernel: Sizes, fn: (elements: Tensor) => Tensor, options: WindowOptions = {}): Tensor {
  const elements = windows(x, kernel, options);
  const y = fn(elements);
  const wanted = elements.shape.slice(0, -1);
  if (sameShape(y.shape, wanted)) return y;
  throw new OpError(
    "windowReduce",
    `the function must reduce ${showShape(elements.shape)} to ${showShape(wanted)}, got ${showShape(y.shape)}`,
  );
}
