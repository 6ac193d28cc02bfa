/** How users say a pool's windows, and what pools of any kind give. */
import { invariant } from "../base/assert.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../base/shape.ts";
import { type Counts, OpError, type TensorType } from "../ir/op.ts";
import { adaptiveSizes, adaptiveStart, isAdaptive, type PoolAttrs } from "./poolAxis.ts";
import { warnOfSkipped } from "./skipped.ts";
import { type Padding, perAxis, perSide, type Sizes, type WindowAttrs, windowCount, windowShape } from "./window.ts";

export interface PoolOptions {
  /** Default: the kernel. */
  readonly stride?: Sizes;
  readonly padding?: Padding;
  readonly dilation?: Sizes;
  /** Whether a last window that reaches beyond the end counts too. PyTorch's ceil_mode. Default false. */
  readonly ceilMode?: boolean;
}

/** The windows of a pool over x [n, c, ...space]. Ceil mode becomes padding after the end. */
export function normalizePool(op: string, x: TensorType, kernel: Sizes, options: PoolOptions): WindowAttrs {
  const rank = spatialRank(op, x);
  const sizes = perAxis(op, "kernel", kernel, rank);
  const padding = perSide(op, options.padding ?? 0, rank);
  padding.forEach((sides, d) => {
    // PyTorch: a window must hold at least one element of the input.
    if (Math.max(...sides) * 2 > sizes[d]!)
      throw new OpError(op, `padding may be at most half of the kernel ${sizes[d]}, got ${Math.max(...sides)}`);
  });
  const w: WindowAttrs = {
    kernel: sizes,
    stride: perAxis(op, "stride", options.stride ?? sizes, rank),
    padding,
    dilation: perAxis(op, "dilation", options.dilation ?? 1, rank),
  };
  const windows = options.ceilMode ? { ...w, padding: ceilPadding(w, x.shape.slice(2)) } : w;
  warnOfSkipped(op, x.shape.slice(2), windows);
  return windows;
}

/** Padding with which the windows that ceil mode counts fit as a whole. */
function ceilPadding(w: WindowAttrs, space: Shape): WindowAttrs["padding"] {
  return space.map((n, d): readonly [number, number] => {
    const [stride, [before, after]] = [w.stride[d]!, w.padding[d]!];
    const reach = w.dilation[d]! * (w.kernel[d]! - 1) + 1;
    const count = windowCount(n, w.kernel[d]!, stride, [before, after], w.dilation[d]!, true);
    return count > 0 ? [before, Math.max(after, (count - 1) * stride + reach - n - before)] : [before, after];
  });
}

/** Windows that make `outputSize` of any input (a number, or one for each axis): in the usual form where they are all alike. */
export function normalizeAdaptive(op: string, x: TensorType, outputSize: Sizes): PoolAttrs {
  const rank = spatialRank(op, x);
  const out = perAxis(op, "outputSize", outputSize, rank);
  const inputSpace = x.shape.slice(2);
  const even = inputSpace.flatMap((n, d) => evenWindows(n, out[d]!) ?? []);
  if (even.length < rank) return { inputSpace, outputSize: out };
  const all = <T>(value: T): readonly T[] => even.map(() => value);
  return { kernel: even.map((w) => w.kernel), stride: even.map((w) => w.stride), padding: all([0, 0] as const), dilation: all(1) };
}

/** Size and distance of `out` adaptive windows over n inputs, if they are all alike. */
function evenWindows(n: number, out: number): { readonly kernel: number; readonly stride: number } | undefined {
  const [sizes, stride] = [adaptiveSizes(n, out), out === 1 ? n : adaptiveStart(1, n, out)];
  const alike = sizes.every((size, o) => size === sizes[0] && adaptiveStart(o, n, out) === o * stride);
  return alike && stride > 0 ? { kernel: sizes[0]!, stride } : undefined;
}

export function spatialRank(op: string, x: TensorType): number {
  const rank = x.shape.length - 2;
  if (rank >= 1 && rank <= 3) return rank;
  throw new OpError(op, `input must be [batch, channels, ...space] with 1 to 3 spatial axes, got ${showShape(x.shape)}`);
}

/** What a pool of x gives. */
export function pooled(op: string, x: TensorType, w: PoolAttrs): TensorType {
  if (x.dtype !== "f32") throw new OpError(op, `takes f32, got ${x.dtype} ${showShape(x.shape)}. Convert it with toFloat`);
  return { shape: [...x.shape.slice(0, 2), ...pooledSpace(op, x, w)], dtype: "f32" };
}

function pooledSpace(op: string, x: TensorType, w: PoolAttrs): Shape {
  if (!isAdaptive(w)) return windowShape(op, x, w);
  invariant(sameShape(x.shape.slice(2), w.inputSpace), `${op}: windows for ${showShape(w.inputSpace)}, got ${showShape(x.shape)}`);
  return w.outputSize;
}

/** Pools have connections and no weights: one per element of each window. */
export function poolCounts(y: Shape, w: PoolAttrs): Counts {
  const plane = isAdaptive(w)
    ? w.inputSpace.reduce((n, e, d) => n * adaptiveSizes(e, w.outputSize[d]!).reduce((a, b) => a + b, 0), 1)
    : sizeOf(y.slice(2)) * sizeOf(w.kernel);
  return { multiplyAdds: 0, connections: y[0]! * y[1]! * plane };
}
