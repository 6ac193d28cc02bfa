/**
 * Padding: what lies beyond the edges of an array. A constant, which may also be negative padding, that is, a crop; or the array
 * itself, continued in one of four ways:
 *
 *   reflect     d c b | a b c d | c b a     the edge is a mirror, and stands there once
 *   symmetric   c b a | a b c d | d c b     the edge is repeated
 *   replicate   a a a | a b c d | d d d
 *   circular    b c d | a b c d | a b c
 */
import { type Shape, showShape, stridesOf } from "../base/shape.ts";
import { defineOp, type Op, OpError, type TensorType } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { Int } from "../kernel/int.ts";
import { compute } from "../kernel/kernel.ts";
import { type AxisMap, applyMaps, atOnce, mapKernels, moving, transposed } from "./axisMap.ts";
import { forEachIndex } from "./pointwise.ts";
import { type Padding, perSide } from "./window.ts";

/** [before, after] for every axis of an array. */
type Sides = readonly (readonly [number, number])[];

/** Ways to continue an array beyond its edges. */
export type ExtendMode = "reflect" | "symmetric" | "replicate" | "circular";

interface PadAttrs extends Readonly<Record<string, unknown>> {
  /** Negative crops. */
  readonly padding: Sides;
  /** Exact in f32. */
  readonly value: number;
}

interface ExtendAttrs extends Readonly<Record<string, unknown>> {
  readonly mode: ExtendMode;
  readonly padding: Sides;
}

const padded = (shape: Shape, padding: Sides): Shape => shape.map((n, d) => n + padding[d]![0] + padding[d]![1]);

/** A margin of `value`, or a crop where it is negative. Its gradient is the opposite padding. */
export const padOp: Op<PadAttrs> = defineOp<PadAttrs>({
  name: "pad",
  facts: { linear: true },
  infer: ([x], { padding }) => {
    const shape = padded(x!.shape, padding);
    const empty = shape.findIndex((n) => n < 1);
    if (empty >= 0) {
      const sides = padding[empty]!;
      throw new OpError("pad", `nothing is left of axis ${empty} of ${showShape(x!.shape)}, got padding ${showShape(sides)}`);
    }
    return { shape, dtype: x!.dtype };
  },
  grad: (dy, { attrs: { padding } }) => [apply(padOp, [dy], { padding: padding.map(([a, b]) => [0 - a, 0 - b] as const), value: 0 })],
  reference([x], y, { padding, value }) {
    const strides = stridesOf(x!.shape);
    forEachIndex(y.shape, (at, i) => {
      const from = at.map((o, d) => o - padding[d]![0]);
      const inside = from.every((j, d) => j >= 0 && j < x!.shape[d]!);
      y.data[i] = inside ? x!.data[from.reduce((sum, j, d) => sum + j * strides[d]!, 0)]! : value;
    });
  },
  kernel: ([x], y, { padding, value }) =>
    compute("pad", y, {}, (out) =>
      load(
        x!,
        out.map((o, d) => Int.of(o).sub(padding[d]![0])),
        [],
        value,
      ),
    ),
});

/** Which element stands `i` elements from the first of `n`, on either side of the edges; at most one array's length away. */
const SOURCE: { readonly [M in ExtendMode]: (i: number, n: number) => number } = {
  reflect: (i, n) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
  symmetric: (i, n) => (i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i),
  replicate: (i, n) => Math.min(Math.max(i, 0), n - 1),
  circular: (i, n) => (i + n) % n,
};

const extension = (shape: Shape, { mode, padding }: ExtendAttrs): readonly AxisMap[] =>
  shape.flatMap((n, d) => {
    const [before, after] = padding[d]!;
    return before + after === 0 ? [] : [moving(d, n, n + before + after, (o) => SOURCE[mode](o - before, n))];
  });

/** The array continued beyond its edges. */
export const extendOp: Op<ExtendAttrs> = defineOp<ExtendAttrs>({
  name: "extend",
  facts: { linear: true },
  infer([x], { mode, padding }) {
    checkReach(x!, mode, padding);
    return { shape: padded(x!.shape, padding), dtype: x!.dtype };
  },
  grad: (dy, { inputs: [x], attrs }) => [extendGrad(dy, x!.shape, attrs)],
  reference: ([x], y, attrs) => applyMaps(x!, y, extension(x!.shape, attrs)),
  kernel: ([x], y, attrs) => mapKernels("extend", x!, y, extension(x!.shape, attrs)),
});

type WithShape = ExtendAttrs & { readonly inputShape: Shape };

/** Each element's own gradient and those of its images, added up. */
export const extendGradOp: Op<WithShape> = defineOp<WithShape>({
  name: "extendGrad",
  facts: { linear: true },
  infer: (_, { inputShape }) => ({ shape: inputShape, dtype: "f32" }),
  grad: (d, { attrs }) => [extend(d, attrs.mode, attrs.padding)],
  reference: ([dy], dx, attrs) => applyMaps(dy!, dx, extension(attrs.inputShape, attrs).map(transposed)),
  kernel: ([dy], dx, attrs) => mapKernels("extendGrad", dy!, dx, extension(attrs.inputShape, attrs).map(transposed)),
});

function checkReach(x: TensorType, mode: ExtendMode, padding: Sides): void {
  padding.forEach((sides, d) => {
    const n = x.shape[d]!;
    const most = mode === "replicate" ? Number.POSITIVE_INFINITY : mode === "reflect" ? n - 1 : n;
    if (Math.min(...sides) < 0) throw new OpError("pad", `only mode constant crops, got ${mode} with padding ${showShape(sides)}`);
    if (Math.max(...sides) > most) {
      throw new OpError("pad", `mode ${mode} reaches at most ${most} beyond axis ${d} of ${showShape(x.shape)}, got ${Math.max(...sides)}`);
    }
  });
}

/** `padding` along one axis alone. */
const along = (padding: Sides, axis: number): Sides => padding.map((sides, d): readonly [number, number] => (d === axis ? sides : [0, 0]));
const axesOf = (padding: Sides): number[] => padding.flatMap(([before, after], d) => (before === 0 && after === 0 ? [] : [d]));

function extend(x: Tensor, mode: ExtendMode, padding: Sides): Tensor {
  checkReach(x, mode, padding);
  const one = (t: Tensor, sides: Sides): Tensor => apply(extendOp, [t], { mode, padding: sides });
  const axes = axesOf(padding);
  if (axes.length === 0) return x;
  return atOnce(extension(x.shape, { mode, padding })) ? one(x, padding) : axes.reduce((t, d) => one(t, along(padding, d)), x);
}

function extendGrad(dy: Tensor, inputShape: Shape, { mode, padding }: ExtendAttrs): Tensor {
  const one = (t: Tensor, sides: Sides, shape: Shape): Tensor => apply(extendGradOp, [t], { mode, padding: sides, inputShape: shape });
  if (atOnce(extension(inputShape, { mode, padding }).map(transposed))) return one(dy, padding, inputShape);
  return axesOf(padding).reduce((t, d) => one(t, along(padding, d), t.shape.with(d, inputShape[d]!)), dy);
}

export interface PadOptions {
  /** What stands in the margin. Default "constant". */
  readonly mode?: "constant" | ExtendMode;
  /** For mode "constant". Default 0. */
  readonly value?: number;
}

/**
 * `x` with a margin. `padding` is for the last axes, in their order: an entry is a width for both sides or [before, after]; one
 * number alone is for every spatial axis of [n, c, ...space]. Negative widths crop, in mode "constant".
 *
 * PyTorch: functional.pad, but its flat list names the last axis first. "symmetric" is NumPy's.
 */
export function pad(x: Tensor, padding: Padding, options: PadOptions = {}): Tensor {
  const { mode = "constant", value = 0 } = options;
  const rank = x.shape.length;
  const given = typeof padding === "number" ? rank - 2 : padding.length;
  if (given < 1 || given > rank) {
    const wanted = typeof padding === "number" ? "needs an input of [batch, channels, ...space]" : `has ${given} entries`;
    throw new OpError("pad", `padding ${wanted}, got input ${showShape(x.shape)}`);
  }
  const sides = [...new Array<readonly [number, number]>(rank - given).fill([0, 0]), ...perSide("pad", padding, given)];
  if (mode !== "constant") {
    if (!(mode in SOURCE)) throw new OpError("pad", `mode must be constant, ${Object.keys(SOURCE).join(", ")}, got ${mode}`);
    return extend(x, mode, sides);
  }
  return axesOf(sides).length === 0 ? x : apply(padOp, [x], { padding: sides, value: x.dtype === "f32" ? Math.fround(value) : value });
}
