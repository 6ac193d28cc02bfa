/** Parts of an array: every step-th element between two places, and what is left is read where it lies. */
import { type Shape, showShape, stridesOf } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { Int } from "../kernel/int.ts";
import { compute } from "../kernel/kernel.ts";
import { type AxisMap, applyMaps, atOnce, mapKernels, moving } from "./axisMap.ts";
import { forEachIndex } from "./pointwise.ts";
import { normalizeAxes } from "./reduction.ts";

/** One entry per axis: element i of the result is element start + i step of the input, for i below size. */
interface SliceAttrs extends Readonly<Record<string, unknown>> {
  readonly start: readonly number[];
  readonly step: readonly number[];
  readonly size: readonly number[];
}

export const sliceOp: Op<SliceAttrs> = defineOp<SliceAttrs>({
  name: "slice",
  facts: { linear: true },
  infer: ([x], { size }) => ({ shape: size, dtype: x!.dtype }),
  grad: (dy, { inputs: [x], attrs }) => [spread(dy, x!.shape, attrs)],
  reference([x], y, { start, step }) {
    const strides = stridesOf(x!.shape);
    forEachIndex(y.shape, (at, i) => {
      y.data[i] = x!.data[at.reduce((sum, j, d) => sum + (start[d]! + j * step[d]!) * strides[d]!, 0)]!;
    });
  },
  kernel: ([x], y, { start, step }) =>
    compute("slice", y, {}, (axes) =>
      load(
        x!,
        axes.map((a, d) => Int.of(a).mul(step[d]!).add(start[d]!)),
      ),
    ),
});

type WithShape = SliceAttrs & { readonly inputShape: Shape };

/** Zeros, but for the elements that the slice takes: its adjoint. */
export const spreadOp: Op<WithShape> = defineOp<WithShape>({
  name: "spread",
  facts: { linear: true },
  infer: (_, { inputShape }) => ({ shape: inputShape, dtype: "f32" }),
  grad: (d, { attrs: { start, step, size } }) => [apply(sliceOp, [d], { start, step, size })],
  reference: ([dy], dx, attrs) => applyMaps(dy!, dx, spreading(attrs)),
  kernel: ([dy], dx, attrs) => mapKernels("spread", dy!, dx, spreading(attrs)),
});

/** Where each element of the whole comes from. */
function spreading({ start, step, size, inputShape }: WithShape): readonly AxisMap[] {
  return inputShape.flatMap((n, d) => {
    const from = (o: number): number | undefined => {
      const i = (o - start[d]!) / step[d]!;
      return Number.isInteger(i) && i >= 0 && i < size[d]! ? i : undefined;
    };
    return size[d] === n && step[d] === 1 ? [] : [moving(d, size[d]!, n, from)];
  });
}

function spread(dy: Tensor, inputShape: Shape, { start, step, size }: SliceAttrs): Tensor {
  const maps = spreading({ start, step, size, inputShape });
  if (atOnce(maps)) return apply(spreadOp, [dy], { start, step, size, inputShape });
  return maps.reduce((t, { axis }) => {
    const only = (all: readonly number[], rest: (d: number) => number): number[] => all.map((v, d) => (d === axis ? v : rest(d)));
    const shape = t.shape.with(axis, inputShape[axis]!);
    return apply(spreadOp, [t], {
      start: only(start, () => 0),
      step: only(step, () => 1),
      size: t.shape,
      inputShape: shape,
    });
  }, dy);
}

/** [start, stop, step] as in Python: stop is not included, negative places count from the end, what is left out is the whole axis. */
export type Range = readonly [start?: number | undefined, stop?: number | undefined, step?: number | undefined];

/** Python's slice.indices(n), and how many elements it takes. */
function placesOf([start, stop, step = 1]: Range, n: number): { readonly start: number; readonly step: number; readonly size: number } {
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const place = (given: number | undefined, otherwise: number): number =>
    given === undefined ? otherwise : Math.min(Math.max(given < 0 ? given + n : given, low), high);
  const [from, to] = step > 0 ? [place(start, low), place(stop, high)] : [place(start, high), place(stop, low)];
  return { start: from, step, size: Math.max(0, Math.ceil((to - from) / step)) };
}

/**
 * A part of `x`: one range for each axis, in order; axes without one stay whole. `slice(x, [[0, 2], [], [, , -1]])` is NumPy's
 * x[0:2, :, ::-1]. No elements are copied where the result is only read.
 */
export function slice(x: Tensor, ranges: readonly (Range | undefined)[]): Tensor {
  if (ranges.length > x.shape.length)
    throw new OpError("slice", `${showShape(x.shape)} has ${x.shape.length} axes, got ${ranges.length} ranges`);
  const places = x.shape.map((n, d) => {
    const range = ranges[d] ?? [];
    if (range.some((v) => v !== undefined && !Number.isInteger(v)) || range[2] === 0) {
      throw new OpError("slice", `start and stop must be whole numbers and step not 0, got ${showRange(range)} for axis ${d}`);
    }
    const found = placesOf(range, n);
    if (found.size === 0) throw new OpError("slice", `nothing is left of axis ${d} of ${showShape(x.shape)}, got ${showRange(range)}`);
    return found;
  });
  if (places.every((p, d) => p.step === 1 && p.size === x.shape[d])) return x;
  return apply(sliceOp, [x], { start: places.map((p) => p.start), step: places.map((p) => p.step), size: places.map((p) => p.size) });
}

const showRange = (range: Range): string => [0, 1, 2].map((i) => range[i] ?? "").join(":");

/** `x` with these axes (all by default) in opposite order. PyTorch's flip. */
export function flip(x: Tensor, axes?: readonly number[]): Tensor {
  const over = normalizeAxes("flip", axes, x.shape.length);
  return slice(
    x,
    x.shape.map((_, d) => (over.includes(d) ? [undefined, undefined, -1] : undefined)),
  );
}

/**
 * `x` in consecutive parts along `axis`: of `sizes` elements each (the last may be smaller), or of these sizes in turn. PyTorch's split.
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  const d = normalizeAxes("split", [axis], x.shape.length)[0]!;
  const n = x.shape[d]!;
  const all = typeof sizes === "number" ? evenly(n, sizes) : sizes;
  if (all.some((s) => !Number.isInteger(s) || s < 1) || all.reduce((a, b) => a + b, 0) !== n) {
    throw new OpError(
      "split",
      `sizes must be whole numbers above 0 that add up to ${n}, axis ${d} of ${showShape(x.shape)}, got ${showShape(all)}`,
    );
  }
  let start = 0;
  return all.map((size) => {
    start += size;
    return slice(x, [...new Array<undefined>(d).fill(undefined), [start - size, start]]);
  });
}

/** Sizes of parts of `size`, as many as it takes. */
function evenly(n: number, size: number): number[] {
  if (!Number.isInteger(size) || size < 1) return [size];
  return Array.from({ length: Math.ceil(n / size) }, (_, i) => Math.min(size, n - i * size));
}
