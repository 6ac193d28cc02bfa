/**
 * Resizing: each output is a weighted sum of the inputs around its place, axis by axis. Places and weights are PyTorch's.
 *
 * Along an axis of n inputs and m outputs the centres of the first and last elements lie on each other (alignCorners), or the
 * outer edges do: output o lies at o (n - 1) / (m - 1), or at (o + 1/2) n / m - 1/2.
 */
import { f32 } from "../base/ndarray.ts";
import { type Shape, showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError, type TensorType } from "../ir/op.ts";
import { apply, constant, type Tensor } from "../ir/tensor.ts";
import { type AxisMap, applyMaps, atOnce, fewRuns, mapKernels, mappedShape, mixing, type Tap, transposed } from "./axisMap.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";
import { resizedSpace } from "./resizedSpace.ts";
import { permute } from "./transpose.ts";

/**
 * nearest: one input. linear: between the 2 neighbours along each axis (bilinear, trilinear). cubic: over 4 neighbours, Keys' spline
 * (bicubic). area: the mean of the inputs that an output covers.
 */
export type ResampleMode = "nearest" | "linear" | "cubic" | "area";

/** How one axis is resized. Output `o` lies at (o + shift) step + offset among the inputs. */
export interface ResampledAxis {
  readonly axis: number;
  readonly size: number;
  /** Inputs from one output to the next. */
  readonly step: number;
  readonly shift: number;
  readonly offset: number;
}

/** A rule of resizing, in full. */
export interface ResampleAttrs extends Readonly<Record<string, unknown>> {
  readonly mode: ResampleMode;
  readonly axes: readonly ResampledAxis[];
  /** For nearest: how a place becomes an index; half-down and half-up are to the nearest, and differ midway. */
  readonly rounding: "floor" | "ceil" | "half-down" | "half-up";
  /** For cubic: the slope of the spline at distance 1. */
  readonly a: number;
  /** For linear and cubic: whether weights beyond the edge are left out and the rest scaled up, or go to the edge's element. */
  readonly excludeOutside: boolean;
  /** For linear and cubic: whether windows grow with the step where it is above 1, so that no input is skipped. */
  readonly antialias: boolean;
}
type WithShape = ResampleAttrs & { readonly inputShape: Shape };

const clamp = (i: number, n: number): number => Math.min(Math.max(i, 0), n - 1);

const ROUND: { readonly [R in ResampleAttrs["rounding"]]: (place: number) => number } = {
  floor: Math.floor,
  ceil: Math.ceil,
  "half-down": (place) => Math.ceil(place - 0.5),
  "half-up": (place) => Math.floor(place + 0.5),
};

/** Weight of an element at distance d from the place. */
const linear = (d: number): number => Math.max(0, 1 - Math.abs(d));
const cubic =
  (a: number) =>
  (distance: number): number => {
    const d = Math.abs(distance);
    if (d >= 2) return 0;
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((d - 5) * d + 8) * d * a - 4 * a;
  };

/** The inputs that output `o` is made of, among n. */
function tapsOf(attrs: ResampleAttrs, n: number, { size, step, shift, offset }: ResampledAxis, o: number): readonly Tap[] {
  const { mode, rounding, a, excludeOutside, antialias } = attrs;
  const place = (o + shift) * step + offset;
  if (mode === "area") {
    const [from, to] = [Math.floor((o * n) / size), Math.ceil(((o + 1) * n) / size)];
    return Array.from({ length: to - from }, (_, i) => ({ from: from + i, weight: 1 / (to - from) }));
  }
  // PyTorch: rounds the place to f32 first, which makes good what division has lost.
  if (mode === "nearest") return [{ from: clamp(ROUND[rounding](Math.fround(place)), n), weight: 1 }];
  const weight = mode === "linear" ? linear : cubic(a);
  if (antialias) return smoothTaps(weight, mode === "linear" ? 1 : 2, n, place + 0.5, Math.max(step, 1));
  const first = mode === "linear" ? Math.floor(place) : Math.floor(place) - 1;
  const all = Array.from({ length: mode === "linear" ? 2 : 4 }, (_, k) => ({ from: first + k, weight: weight(place - first - k) }));
  // PyTorch: beyond the edge lies the edge's element again.
  return excludeOutside ? scaled(all.filter((t) => t.from >= 0 && t.from < n)) : all.map((t) => ({ ...t, from: clamp(t.from, n) }));
}

/** PyTorch's antialias (and Pillow's): the weight function stretched, cut at the edges, scaled to sum 1. */
function smoothTaps(weight: (d: number) => number, reach: number, n: number, centre: number, stretch: number): readonly Tap[] {
  const from = Math.max(Math.trunc(centre - reach * stretch + 0.5), 0);
  const to = Math.min(Math.trunc(centre + reach * stretch + 0.5), n);
  return scaled(Array.from({ length: to - from }, (_, i) => ({ from: from + i, weight: weight((from + i - centre + 0.5) / stretch) })));
}

function scaled(taps: readonly Tap[]): readonly Tap[] {
  const sum = taps.reduce((total, t) => total + t.weight, 0);
  return taps.map((t) => ({ from: t.from, weight: t.weight / sum }));
}

const resizing = (shape: Shape, attrs: ResampleAttrs): readonly AxisMap[] =>
  attrs.axes.map((r) => mixing(r.axis, shape[r.axis]!, r.size, (o) => tapsOf(attrs, shape[r.axis]!, r, o)));

/** Axes resized, each output a weighted sum of the inputs around its place. */
export const interpolateOp: Op<ResampleAttrs> = defineOp<ResampleAttrs>({
  name: "interpolate",
  facts: { linear: true },
  infer: ([x], attrs) => ({ shape: mappedShape(checkFloat(x!).shape, resizing(x!.shape, attrs)), dtype: "f32" }),
  grad: (dy, { inputs: [x], attrs }) => [interpolateGrad(dy, x!.shape, attrs)],
  reference: ([x], y, attrs) => applyMaps(x!, y, resizing(x!.shape, attrs)),
  kernel: ([x], y, attrs) => mapKernels("interpolate", x!, y, resizing(x!.shape, attrs)),
});

/** Each input's share in the outputs, added up: the adjoint. */
export const interpolateGradOp: Op<WithShape> = defineOp<WithShape>({
  name: "interpolateGrad",
  facts: { linear: true },
  infer: (_, { inputShape }) => ({ shape: inputShape, dtype: "f32" }),
  grad: (d, { attrs: { mode, axes, rounding, a, excludeOutside, antialias } }) => [
    resample(d, { mode, axes, rounding, a, excludeOutside, antialias }),
  ],
  reference: ([dy], dx, attrs) => applyMaps(dy!, dx, resizing(attrs.inputShape, attrs).map(transposed)),
  kernel: ([dy], dx, attrs) => mapKernels("interpolateGrad", dy!, dx, resizing(attrs.inputShape, attrs).map(transposed)),
});

function checkFloat<T extends TensorType>(x: T): T {
  if (x.dtype === "f32") return x;
  throw new OpError("interpolate", `takes f32, got ${x.dtype} ${showShape(x.shape)}. Convert it with toFloat`);
}

/** `x` resized by a rule in full, for what follows other rules than PyTorch's (ONNX, TensorFlow). */
export function resample(x: Tensor, attrs: ResampleAttrs): Tensor {
  const maps = resizing(checkFloat(x).shape, attrs);
  if (maps.length === 0) return x;
  // All axes at once where that takes few kernels; else one after the other, the ones that shrink first.
  if (maps.every(fewRuns) && atOnce(maps)) return apply(interpolateOp, [x], attrs);
  const order = [...attrs.axes.keys()].sort((a, b) => attrs.axes[a]!.size / maps[a]!.extent - attrs.axes[b]!.size / maps[b]!.extent);
  return order.reduce(
    (t, i) => (fewRuns(maps[i]!) ? apply(interpolateOp, [t], { ...attrs, axes: [attrs.axes[i]!] }) : alongAxis(t, maps[i]!)),
    x,
  );
}

function interpolateGrad(dy: Tensor, inputShape: Shape, attrs: ResampleAttrs): Tensor {
  const maps = resizing(inputShape, attrs).map(transposed);
  if (atOnce(maps)) return apply(interpolateGradOp, [dy], { ...attrs, inputShape });
  return attrs.axes.reduce((t, r) => {
    const shape = t.shape.with(r.axis, inputShape[r.axis]!);
    return apply(interpolateGradOp, [t], { ...attrs, axes: [r], inputShape: shape });
  }, dy);
}

/**
 * A map whose rows follow no pattern (224 to 299) as a product with its matrix: as many kernels as rows would be too many. A NaN
 * spreads along the axis then, because it is multiplied by zeros.
 */
function alongAxis(x: Tensor, { axis, extent, rows }: AxisMap): Tensor {
  const weights = f32([extent, rows.length], new Float32Array(extent * rows.length));
  rows.forEach((row, o) => {
    for (const { from, weight } of row) weights.data[from * rows.length + o] = weight;
  });
  const last = [...x.shape.keys()].filter((d) => d !== axis).concat(axis);
  const lines = permute(x, last);
  const product = matmul(reshape(lines, [-1, extent]), constant(weights));
  const back = [...x.shape.keys()].map((d) => last.indexOf(d));
  return permute(reshape(product, [...lines.shape.slice(0, -1), rows.length]), back);
}

/**
 * nearest: the input at floor(o n / m), PyTorch's (and OpenCV's) old rule. nearest-exact: the input whose centre is nearest. The others as
 * for `resample`, cubic with a = -0.75, or -0.5 if antialiased.
 */
export type InterpolateMode = "nearest" | "nearest-exact" | "linear" | "cubic" | "area";

export interface InterpolateOptions {
  /** Extents of the result: one for every spatial axis, or one for each. Either this or `scaleFactor`. */
  readonly size?: number | readonly number[];
  /** The result has floor(n scaleFactor) elements along an axis of n. */
  readonly scaleFactor?: number | readonly number[];
  /** Default "nearest". "bilinear" and "trilinear" are PyTorch's names of "linear" for 2 and 3 axes, "bicubic" of "cubic". */
  readonly mode?: InterpolateMode | "bilinear" | "trilinear" | "bicubic";
  /** Whether the centres of the corner elements stay in place, not the outer edges. For linear and cubic. Default false. */
  readonly alignCorners?: boolean;
  /** Smooths before it shrinks, so that no input is skipped. For linear and cubic. Default false. */
  readonly antialias?: boolean;
}

const NAMES: { readonly [name: string]: InterpolateMode } = {
  nearest: "nearest",
  "nearest-exact": "nearest-exact",
  linear: "linear",
  bilinear: "linear",
  trilinear: "linear",
  cubic: "cubic",
  bicubic: "cubic",
  area: "area",
};

/**
 * x [n, c, ...space] resized. PyTorch's interpolate, with `align_corners` and `antialias`; after `scaleFactor`, places follow from the
 * factor itself, as with recompute_scale_factor false.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { alignCorners = false, antialias = false, scaleFactor } = options;
  const mode = NAMES[options.mode ?? "nearest"];
  if (!mode) throw new OpError("interpolate", `mode must be ${Object.keys(NAMES).join(", ")}, got ${options.mode}`);
  if (x.shape.length < 3) throw new OpError("interpolate", `input must be [batch, channels, ...space], got ${showShape(x.shape)}`);
  if ((alignCorners || antialias) && mode !== "linear" && mode !== "cubic") {
    throw new OpError("interpolate", `${alignCorners ? "alignCorners" : "antialias"} is for linear and cubic, got mode ${mode}`);
  }
  const sizes = resizedSpace("interpolate", x.shape.slice(2), options) as Shape;
  const axes = sizes.map((size, d): ResampledAxis => {
    const n = x.shape[d + 2]!;
    const factor = typeof scaleFactor === "number" ? scaleFactor : scaleFactor?.[d];
    const step = alignCorners ? (size > 1 ? (n - 1) / (size - 1) : 0) : factor === undefined ? n / size : 1 / factor;
    // PyTorch: antialiased windows are centred as if edges were aligned, whatever alignCorners says.
    const byCorners = mode === "nearest" || (alignCorners && !antialias);
    const [shift, offset] = byCorners ? [0, 0] : [0.5, mode === "nearest-exact" ? 0 : -0.5];
    return { axis: d + 2, size, step, shift, offset };
  });
  return resample(x, {
    mode: mode === "nearest-exact" ? "nearest" : mode,
    // An axis that keeps its extent and its places stays as it is.
    axes: axes.filter((r) => r.size !== x.shape[r.axis] || r.step !== 1),
    rounding: "floor",
    a: antialias ? -0.5 : -0.75,
    excludeOutside: false,
    antialias,
  });
}
