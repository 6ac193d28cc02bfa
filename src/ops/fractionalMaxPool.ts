/**
 * Fractional max pooling: windows of one size whose distances vary at random between two whole numbers, so that the output is
 * smaller than the input by any ratio.
 *
 * Graham, "Fractional max-pooling", 2014.
 */
import { f32 } from "../base/ndarray.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../base/shape.ts";
import { defineOp, type Op, OpError, type TensorType } from "../ir/op.ts";
import { apply, constant, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { axis, Int } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { argmax } from "./argmax.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { floor } from "./floor.ts";
import { pick } from "./pick.ts";
import { forEachIndex } from "./pointwise.ts";
import { spatialRank } from "./pool.ts";
import { reshape } from "./reshape.ts";
import { select } from "./select.ts";
import { slice } from "./slice.ts";
import { perAxis, type Sizes } from "./window.ts";

/** Window o of `outputSize` begins at floor(o (n - kernel) / (outputSize - 1)), or, as the sample wants it, one after. */
interface SpacedAttrs extends Readonly<Record<string, unknown>> {
  readonly inputSpace: Shape;
  readonly outputSize: Shape;
  readonly kernel: readonly number[];
}

/** Where window `at` begins at the earliest, for kernels and for loops. The only window of an axis is its last. */
function startOf(w: SpacedAttrs, d: number, at: Int): Int {
  const [room, gaps] = [w.inputSpace[d]! - w.kernel[d]!, w.outputSize[d]! - 1];
  return gaps === 0 ? Int.of(room) : at.mul(room).div(gaps);
}
const firstStart = (w: SpacedAttrs, d: number, at: number): number => startOf(w, d, Int.of(at)).value;

const windowsShape = (x: Shape, w: SpacedAttrs): Shape => [...x.slice(0, 2), ...w.outputSize, ...w.kernel.map((k) => k + 1)];

/** What each window may read, wherever in its place the sample puts it: [n, c, ...out, ...kernel + 1], zeros after the end. */
export const spacedWindowsOp: Op<SpacedAttrs> = defineOp<SpacedAttrs>({
  name: "spacedWindows",
  facts: { linear: true },
  infer: ([x], w) => ({ shape: windowsShape(x!.shape, w), dtype: "f32" }),
  grad: (dy, { attrs }) => [apply(spacedWindowsGradOp, [dy], attrs)],
  reference: ([x], y, w) =>
    forEachSpaced(w, x!.shape, y.shape, (i, o) => {
      y.data[o] = x!.data[i]!;
    }),
  kernel([x], y, w) {
    const axes = y.shape.map((extent, d) => axis(`o${d}`, extent));
    const rank = w.kernel.length;
    const reads = w.kernel.map((_, d) => startOf(w, d, Int.of(axes[d + 2]!)).add(axes[d + 2 + rank]!));
    return kernelOf("spacedWindows", y, axes, axes, [], {}, load(x!, [axes[0]!, axes[1]!, ...reads]));
  },
});

/** Its adjoint. */
export const spacedWindowsGradOp: Op<SpacedAttrs> = defineOp<SpacedAttrs>({
  name: "spacedWindowsGrad",
  facts: { linear: true },
  infer: ([dy], w) => ({ shape: [...dy!.shape.slice(0, 2), ...w.inputSpace], dtype: "f32" }),
  grad: (d, { attrs }) => [apply(spacedWindowsOp, [d], attrs)],
  reference: ([dy], dx, w) =>
    forEachSpaced(w, dx.shape, dy!.shape, (i, o) => {
      dx.data[i]! += dy!.data[o]!;
    }),
  kernel([dy], dx, w) {
    const axes = dx.shape.map((extent, d) => axis(`i${d}`, extent));
    const turns = w.kernel.map((_, d) => axis(`t${d}`, turnsOf(w, d)));
    // The last window that begins at or before the input, and those before it.
    const windows = turns.map((t, d) => {
      const [room, gaps] = [w.inputSpace[d]! - w.kernel[d]!, w.outputSize[d]! - 1];
      const end = Int.of(axes[d + 2]!)
        .add(1)
        .mul(gaps);
      return gaps === 0 || room === 0
        ? Int.of(t)
        : end
            .add(room - 1)
            .div(room)
            .sub(1)
            .sub(t);
    });
    const taps = windows.map((o, d) => Int.of(axes[d + 2]!).sub(startOf(w, d, o)));
    return kernelOf("spacedWindowsGrad", dx, axes, axes, turns, {}, load(dy!, [axes[0]!, axes[1]!, ...windows, ...taps]));
  },
});

/** How many windows to look at, from the last one that would begin at or before an input down to the first that reads it. */
function turnsOf(w: SpacedAttrs, d: number): number {
  const [n, k, out] = [w.inputSpace[d]!, w.kernel[d]!, w.outputSize[d]!];
  if (out === 1) return 1;
  const counts = Array.from({ length: n }, (_, i) => {
    const first = Array.from({ length: out }, (_unused, o) => o).find((o) => firstStart(w, d, o) + k >= i) ?? out;
    return Math.ceil(((i + 1) * (out - 1)) / (n - k)) - first;
  });
  return Math.max(...counts);
}

function forEachSpaced(w: SpacedAttrs, x: Shape, y: Shape, visit: (input: number, output: number) => void): void {
  const rank = w.kernel.length;
  forEachIndex(y, (at, o) => {
    const reads = w.kernel.map((_, d) => firstStart(w, d, at[d + 2]!) + at[d + 2 + rank]!);
    if (reads.every((i, d) => i < w.inputSpace[d]!))
      visit(
        [at[0]!, at[1]!, ...reads].reduce((sum, i, d) => sum * x[d]! + i, 0),
        o,
      );
  });
}

export interface FractionalMaxPoolOptions {
  /** Windows along each axis, or one number for all. */
  readonly outputSize?: Sizes;
  /** The same as a part of the input's extents, above 0 and below 1. */
  readonly outputRatio?: number | readonly number[];
  /** Numbers in [0, 1) that place the windows: [n, c, rank]. PyTorch's _random_samples. */
  readonly samples: Tensor;
}

/** Windows along each axis: as given, or the part of the input's extents, rounded down. PyTorch's output_size and output_ratio. */
export function fractionalSize(x: TensorType, options: Pick<FractionalMaxPoolOptions, "outputSize" | "outputRatio">): Shape {
  const op = "fractionalMaxPool";
  const rank = spatialRank(op, x);
  const { outputSize, outputRatio } = options;
  if ((outputSize === undefined) === (outputRatio === undefined)) throw new OpError(op, "takes either outputSize or outputRatio");
  if (outputSize !== undefined) return perAxis(op, "outputSize", outputSize, rank);
  const ratios = typeof outputRatio === "number" ? new Array<number>(rank).fill(outputRatio) : (outputRatio ?? []);
  if (ratios.length !== rank || ratios.some((r) => !(r > 0 && r < 1)))
    throw new OpError(op, `outputRatio needs ${rank} numbers above 0 and below 1, got ${showShape(ratios)}`);
  return perAxis(
    op,
    "outputSize",
    ratios.map((r, d) => Math.floor(x.shape[d + 2]! * r)),
    rank,
  );
}

/**
 * Largest element of windows of x [n, c, ...space] that lie at random: [n, c, ...outputSize]. The gradient goes to the first
 * of the largest. PyTorch's fractional_max_pool2d, fractional_max_pool3d.
 */
export function fractionalMaxPool(x: Tensor, kernel: Sizes, options: FractionalMaxPoolOptions): Tensor {
  const op = "fractionalMaxPool";
  if (x.dtype !== "f32") throw new OpError(op, `takes f32, got ${x.dtype} ${showShape(x.shape)}. Convert it with toFloat`);
  const outputSize = fractionalSize(x, options);
  const [n, c, ...inputSpace] = x.shape as [number, number, ...number[]];
  const rank = inputSpace.length;
  const w: SpacedAttrs = { inputSpace, outputSize, kernel: perAxis(op, "kernel", kernel, rank) };
  w.kernel.forEach((k, d) => {
    if (outputSize[d]! + k - 1 > inputSpace[d]!)
      throw new OpError(
        op,
        `${outputSize[d]} windows of ${k} need ${outputSize[d]! + k - 1} inputs, got ${inputSpace[d]} on axis ${d + 2}`,
      );
  });
  if (!sameShape(options.samples.shape, [n, c, rank]))
    throw new OpError(op, `samples must be ${showShape([n, c, rank])}, got ${showShape(options.samples.shape)}`);
  const all = apply(spacedWindowsOp, [x], w);
  const inside = w.kernel.reduce((t, _, d) => within(t, w, d, options.samples), all);
  const taps = reshape(inside, [n, c, ...outputSize, sizeOf(w.kernel.map((k) => k + 1))]);
  return pick(taps, argmax(taps), rank + 2);
}

/** The windows with -Infinity for what lies outside of them along axis d, where the sample has put them. */
function within(all: Tensor, w: SpacedAttrs, d: number, samples: Tensor): Tensor {
  const [n, c] = all.shape as readonly [number, number];
  const [out, kernel, rank] = [w.outputSize[d]!, w.kernel[d]!, w.kernel.length];
  const numbers = (length: number, at: (i: number) => number): Tensor =>
    constant(
      f32(
        [length],
        Array.from({ length }, (_, i) => at(i)),
      ),
    );
  // PyTorch: the first sample of a plane is for its width, of a volume for its depth.
  const which = rank === 2 ? 1 - d : d;
  const sample = slice(samples, [[], [], [which, which + 1]]);
  const alpha = out > 1 ? Math.fround((w.inputSpace[d]! - kernel) / (out - 1)) : 0;
  const starts = sub(
    floor(
      mul(
        add(
          numbers(out, (o) => o),
          sample,
        ),
        alpha,
      ),
    ),
    floor(mul(sample, alpha)),
  );
  const isLater = select(
    "gt",
    starts,
    add(
      numbers(out, (o) => firstStart(w, d, o)),
      0.5,
    ),
    1,
    0,
  );
  // The last window ends where the input does.
  const later = mul(
    isLater,
    numbers(out, (o) => (o === out - 1 ? 0 : 1)),
  );
  const shape = all.shape.map((extent, i) => (i === d + 2 + rank ? extent : 1));
  const ones = (axisOf: number, extent: number): Shape => all.shape.map((_, i) => (i === axisOf ? extent : 1));
  const shift = reshape(later, [n, c, ...ones(d + 2, out).slice(2)]);
  const tap = sub(
    reshape(
      numbers(kernel + 1, (k) => k),
      shape,
    ),
    shift,
  );
  return select("lt", tap, 0, Number.NEGATIVE_INFINITY, select("gt", tap, kernel - 1, Number.NEGATIVE_INFINITY, all));
}
