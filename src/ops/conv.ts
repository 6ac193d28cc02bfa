/**
 * Convolution as networks use it (cross-correlation), and its two gradients. The three are closed under differentiation:
 *
 *   y  = conv(x, w)               y[n, o, p]  = sum over c, k of x[n, c, p s + k d - pad] w[o, c, k]
 *   dx = convInputGrad(dy, w)     the transposed convolution
 *   dw = convWeightGrad(dy, x)    every position contributes, and the contributions are summed
 *
 * each being linear in both of its inputs.
 */
import { type Shape, showShape, sizeOf } from "../base/shape.ts";
import { type Counts, defineOp, type Op, OpError, type TensorType } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { isZero, load, mul } from "../kernel/expr.ts";
import { axis, Int } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { add } from "./arithmetic.ts";
import { biasOf } from "./bias.ts";
import { type ConvAlgorithm, type ConvMethodName, methodNamed, methodOf } from "./convAlgorithms.ts";
import { type ExtendMode, pad } from "./pad.ts";
import { reshape } from "./reshape.ts";
import { warnOfSkipped } from "./skipped.ts";
import {
  forEachTap,
  outputPaddingOf,
  type Padding,
  type PaddingRule,
  perAxis,
  perSide,
  type Sizes,
  sidesOf,
  tapIndex,
  transposedCount,
  type WindowAttrs,
  windowIndex,
  windowShape,
} from "./window.ts";

export interface ConvAttrs extends WindowAttrs {
  readonly groups: number;
  /** The composite that computes it and its gradients; left out where it is computed directly. */
  readonly algorithm?: ConvMethodName;
  /** Outputs of one tile along each axis, for Winograd's algorithm. */
  readonly tile?: 2 | 4;
}
/** The gradients say the shape they restore: strides lose it. */
type WithSpace = ConvAttrs & { readonly inputSpace: Shape };

function convShape(x: TensorType, w: TensorType, attrs: ConvAttrs): TensorType {
  const op = `conv${attrs.kernel.length}d`;
  if (x.dtype !== "f32" || w.dtype !== "f32") throw new OpError(op, `takes f32, got ${x.dtype} and ${w.dtype}. Convert with toFloat`);
  const space = windowShape(op, x, attrs);
  const [o, perGroup] = [w.shape[0]!, w.shape[1]!];
  const c = x.shape[1]!;
  if (c !== perGroup * attrs.groups) {
    const grouped = attrs.groups === 1 ? "" : ` with groups ${attrs.groups}`;
    const fitting = c / perGroup;
    const remedy = Number.isInteger(fitting) && o % fitting === 0 ? `, or groups to ${fitting}` : "";
    throw new OpError(
      op,
      `input has ${c} channels but weight ${showShape(w.shape)}${grouped} takes ${perGroup * attrs.groups}. Set inChannels to ${c}${remedy}`,
    );
  }
  if (o % attrs.groups !== 0) throw new OpError(op, `groups must divide the ${o} output channels, got ${attrs.groups}`);
  return { shape: [x.shape[0]!, o, ...space], dtype: "f32" };
}

/** Axes of one group: the batch, the group, its output channels, its input channels, output positions, taps. */
function convAxes(n: number, o: number, c: number, outSpace: Shape, attrs: ConvAttrs) {
  return {
    n: axis("n", n),
    g: axis("g", attrs.groups),
    o: axis("o", o / attrs.groups),
    c: axis("c", c),
    at: outSpace.map((extent, d) => axis(`o${"dhw".at(d - outSpace.length)}`, extent)),
    taps: attrs.kernel.map((extent, d) => axis(`k${"dhw".at(d - outSpace.length)}`, extent)),
  };
}

/** Offset of channel `c` of group `g` among groups of `size`. */
const inGroup = (g: ReturnType<typeof axis>, size: number, c: ReturnType<typeof axis>): Int => Int.of(g).mul(size).add(c);

export const convOp: Op<ConvAttrs> = defineOp<ConvAttrs>({
  name: "conv",
  facts: { linear: true },
  infer: ([x, w], attrs) => convShape(x!, w!, attrs),
  grad: (dy, { inputs: [x, w], attrs }) => [convInputGrad(dy, w!, x!.shape, attrs), convWeightGrad(dy, x!, attrs)],
  reference([x, w], y, attrs) {
    forEachProduct(attrs, x!.shape, y.shape, (xi, yi, wi) => {
      y.data[yi]! += x!.data[xi]! * w!.data[wi]!;
    });
  },
  kernel([x, w], y, attrs) {
    const [o, c] = [w!.shape[0]!, w!.shape[1]!];
    const a = convAxes(x!.shape[0]!, o, c, y.shape.slice(2), attrs);
    const out = inGroup(a.g, o / attrs.groups, a.o);
    const read = load(x!, [a.n, inGroup(a.g, c, a.c), ...a.taps.map((k, d) => tapIndex(attrs, d, a.at[d]!, k))]);
    return kernelOf(
      "conv",
      y,
      [a.n, a.g, a.o, ...a.at],
      [a.n, out, ...a.at],
      [...a.taps, a.c],
      {},
      mul(read, load(w!, [out, a.c, ...a.taps])),
    );
  },
  counts: ([, w], y) => productCounts(y.shape, w!.shape),
  algorithm: (name, { inputs: [x, w], attrs }) => methodNamed(name)?.forward(x!, w!, attrs),
});

export const convInputGradOp: Op<WithSpace> = defineOp<WithSpace>({
  name: "convInputGrad",
  facts: { linear: true },
  infer: ([dy, w], { inputSpace, groups }) => ({ shape: [dy!.shape[0]!, w!.shape[1]! * groups, ...inputSpace], dtype: "f32" }),
  grad: (d, { inputs: [dy, w], attrs }) => [convolved(d, w!, attrs), convWeightGrad(dy!, d, attrs)],
  reference([dy, w], dx, attrs) {
    forEachProduct(attrs, dx.shape, dy!.shape, (xi, yi, wi) => {
      dx.data[xi]! += dy!.data[yi]! * w!.data[wi]!;
    });
  },
  kernel([dy, w], dx, attrs) {
    const [o, c] = [w!.shape[0]!, w!.shape[1]!];
    const a = convAxes(dy!.shape[0]!, o, c, dx.shape.slice(2), attrs);
    const channel = inGroup(a.g, c, a.c);
    const out = inGroup(a.g, o / attrs.groups, a.o);
    // from the last tap to the first, so that dy is read onwards: what comes from far away is added last
    const taps = a.taps.map((k, d) => Int.of(attrs.kernel[d]! - 1).sub(k));
    const ends = taps.map((k, d) => windowIndex(attrs, d, a.at[d]!, k));
    const guards = ends.map((end, d) => isZero(end.mod(attrs.stride[d]!)));
    const read = load(dy!, [a.n, out, ...ends.map((end, d) => end.div(attrs.stride[d]!))], guards);
    return kernelOf(
      "convInputGrad",
      dx,
      [a.n, a.g, a.c, ...a.at],
      [a.n, channel, ...a.at],
      [...a.taps, a.o],
      {},
      mul(read, load(w!, [out, a.c, ...taps])),
    );
  },
  counts: ([dy, w]) => productCounts(dy!.shape, w!.shape),
  algorithm: (name, { inputs: [dy, w], attrs }) => methodNamed(name)?.inputGrad(dy!, w!, attrs.inputSpace, attrs),
});

export const convWeightGradOp: Op<ConvAttrs> = defineOp<ConvAttrs>({
  name: "convWeightGrad",
  facts: { linear: true, filter: true },
  infer: ([dy, x], attrs) => ({ shape: [dy!.shape[1]!, x!.shape[1]! / attrs.groups, ...attrs.kernel], dtype: "f32" }),
  grad: (d, { inputs: [dy, x], attrs }) => [convolved(x!, d, attrs), convInputGrad(dy!, d, x!.shape, attrs)],
  reference([dy, x], dw, attrs) {
    forEachProduct(attrs, x!.shape, dy!.shape, (xi, yi, wi) => {
      dw.data[wi]! += dy!.data[yi]! * x!.data[xi]!;
    });
  },
  kernel([dy, x], dw, attrs) {
    const [o, c] = [dw.shape[0]!, dw.shape[1]!];
    const a = convAxes(x!.shape[0]!, o, c, dy!.shape.slice(2), attrs);
    const out = inGroup(a.g, o / attrs.groups, a.o);
    const read = load(x!, [a.n, inGroup(a.g, c, a.c), ...a.taps.map((k, d) => tapIndex(attrs, d, a.at[d]!, k))]);
    return kernelOf(
      "convWeightGrad",
      dw,
      [a.g, a.o, a.c, ...a.taps],
      [out, a.c, ...a.taps],
      [a.n, ...a.at],
      {},
      mul(read, load(dy!, [a.n, out, ...a.at])),
    );
  },
  counts: ([dy], dw) => productCounts(dy!.shape, dw.shape),
  algorithm: (name, { inputs: [dy, x], attrs }) => methodNamed(name)?.weightGrad(dy!, x!, attrs),
});

const convolved = (x: Tensor, w: Tensor, attrs: ConvAttrs): Tensor => apply(convOp, [x, w], convOnly(attrs));

/** The attributes that all three faces share: without the shape that a gradient restores. */
const convOnly = ({ kernel, stride, padding, dilation, groups, algorithm, tile }: ConvAttrs): ConvAttrs => ({
  kernel,
  stride,
  padding,
  dilation,
  groups,
  ...(algorithm === undefined ? {} : { algorithm }),
  ...(tile === undefined ? {} : { tile }),
});

/** One multiply-add for each output and each weight of its filter. */
function productCounts(y: Shape, w: Shape): Counts {
  const products = sizeOf(y) * sizeOf(w.slice(1));
  return { multiplyAdds: products, connections: products };
}

/** Calls `visit` with the flat indices of every product x[xi] w[wi] that y[yi] sums. */
function forEachProduct(attrs: ConvAttrs, x: Shape, y: Shape, visit: (xi: number, yi: number, wi: number) => void): void {
  const [inSpace, outSpace] = [x.slice(2), y.slice(2)];
  const [inSize, outSize, taps] = [sizeOf(inSpace), sizeOf(outSpace), sizeOf(attrs.kernel)];
  const perGroupIn = x[1]! / attrs.groups;
  const perGroupOut = y[1]! / attrs.groups;
  for (let n = 0; n < x[0]!; n++) {
    for (let o = 0; o < y[1]!; o++) {
      const g = Math.floor(o / perGroupOut);
      for (let c = 0; c < perGroupIn; c++) {
        const [xBase, yBase, wBase] = [(n * x[1]! + g * perGroupIn + c) * inSize, (n * y[1]! + o) * outSize, (o * perGroupIn + c) * taps];
        forEachTap(attrs, inSpace, outSpace, (i, p, k) => visit(xBase + i, yBase + p, wBase + k));
      }
    }
  }
}

/** What stands in the padding: zeros, or the input continued beyond its edges as `pad` does it. */
export type PaddingMode = "zeros" | ExtendMode;

export interface ConvOptions {
  /** How far windows are apart. Default 1. */
  readonly stride?: Sizes;
  /** How many elements stand around the input: on both sides, [before, after] for each axis (negative crops), or a rule. Default 0. */
  readonly padding?: Padding | PaddingRule;
  /** What these elements are. Default "zeros". */
  readonly paddingMode?: PaddingMode;
  /** Distance between the elements that one window reads. Default 1. */
  readonly dilation?: Sizes;
  /** Parts that the channels are split into, each convolved by itself; as many as there are channels is depthwise. Default 1. */
  readonly groups?: number;
  /**
   * How it and its gradients are computed: "direct"; "im2col" and "fft", for any convolution; "winograd", for small windows with stride 1 or 2
   * and one group. All agree up to rounding (see their files for bounds). Default "auto": Fovea's choice by shapes, "winograd" or "direct".
   */
  readonly algorithm?: ConvAlgorithm;
  /** Outputs of one tile along each axis, for "winograd": 4 (the default) multiplies less, 2 rounds less. */
  readonly tile?: 2 | 4;
}

/**
 * Convolution of any spatial rank: x [n, c, ...space], w [o, c / groups, ...kernel], b [o]. The kernel is not flipped
 * (PyTorch's conv1d, conv2d, conv3d). Throws OpError where shapes do not fit.
 */
export function conv(x: Tensor, w: Tensor, b?: Tensor, options: ConvOptions = {}): Tensor {
  const { attrs, input, op, padding } = normalizeConv(x, w, options);
  const y = apply(convOp, [input, w], attrs);
  warnOfSkipped(op, x.shape.slice(2), { ...attrs, padding });
  return b === undefined ? y : add(y, reshape(biasOf(op, b, w), [w.shape[0]!, ...attrs.kernel.map(() => 1)]));
}

/** The convolution's attributes, its name in messages, and its input: with a margin where that is not zeros. */
function normalizeConv(
  x: Tensor,
  w: Tensor,
  options: ConvOptions,
): { readonly attrs: ConvAttrs; readonly input: Tensor; readonly op: string; readonly padding: WindowAttrs["padding"] } {
  const kernel = w.shape.slice(2);
  const rank = kernel.length;
  if (rank < 1 || rank > 3) {
    throw new OpError("conv", `weight must be [out, in / groups, ...kernel] with 1 to 3 spatial axes, got ${showShape(w.shape)}`);
  }
  const op = `conv${rank}d`;
  const window = {
    kernel,
    stride: perAxis(op, "stride", options.stride ?? 1, rank),
    dilation: perAxis(op, "dilation", options.dilation ?? 1, rank),
  };
  const padding = sidesOf(op, options.padding ?? 0, x.shape.slice(2), window).map((sides) => sides!);
  const attrs = withMethod(op, { ...window, padding, groups: groupsOf(op, options.groups) }, x.shape, w.shape, options);
  const mode = options.paddingMode ?? "zeros";
  if (mode === "zeros") return { attrs, input: x, op, padding };
  return { attrs: { ...attrs, padding: padding.map(() => [0, 0]) }, input: pad(x, padding, { mode }), op, padding };
}

function withMethod(op: string, attrs: ConvAttrs, x: Shape, w: Shape, { algorithm = "auto", tile }: ConvOptions): ConvAttrs {
  if (tile !== undefined && (algorithm !== "winograd" || (tile !== 2 && tile !== 4))) {
    throw new OpError(op, `tile must be 2 or 4, with algorithm winograd, got ${tile} with ${algorithm}`);
  }
  const tiled = { ...attrs, ...(tile === undefined ? {} : { tile }) };
  const method = methodOf(op, algorithm, tiled, x, w);
  return method === undefined ? tiled : { ...tiled, algorithm: method };
}

function groupsOf(op: string, groups = 1): number {
  if (Number.isInteger(groups) && groups >= 1) return groups;
  throw new OpError(op, `groups must be a whole number of at least 1, got ${groups}`);
}

export interface ConvTransposeOptions {
  /** How far apart the windows lie that inputs are spread over. Default 1. */
  readonly stride?: Sizes;
  /** How much of the result is cut off: on both sides, or [before, after] for each axis. Default 0. */
  readonly padding?: Padding;
  /** Rows of bias alone added at the end, to choose among the sizes that a strided convolution maps to one. Default 0. */
  readonly outputPadding?: Sizes;
  /** Distance between the elements of one window. Default 1. */
  readonly dilation?: Sizes;
  /** Default 1. */
  readonly groups?: number;
}

/**
 * Transposed convolution of any spatial rank: each input spreads a window of the result, and where windows overlap they add up. It is
 * the gradient of conv by its input, with a bias of its own. x [n, c, ...space], w [c, o / groups, ...kernel], b [o]. PyTorch's
 * conv_transpose1d, 2d, 3d.
 */
export function convTranspose(x: Tensor, w: Tensor, b?: Tensor, options: ConvTransposeOptions = {}): Tensor {
  const kernel = w.shape.slice(2);
  const rank = kernel.length;
  if (rank < 1 || rank > 3) {
    throw new OpError("convTranspose", `weight must be [in, out / groups, ...kernel] with 1 to 3 spatial axes, got ${showShape(w.shape)}`);
  }
  const op = `convTranspose${rank}d`;
  if (x.shape.length !== rank + 2)
    throw new OpError(op, `input must have ${rank + 2} axes for weight ${showShape(w.shape)}, got ${showShape(x.shape)}`);
  if (x.dtype !== "f32" || w.dtype !== "f32") throw new OpError(op, `takes f32, got ${x.dtype} and ${w.dtype}. Convert with toFloat`);
  const groups = groupsOf(op, options.groups);
  const [c, perGroup] = [w.shape[0]!, w.shape[1]!];
  if (x.shape[1] !== c) throw new OpError(op, `input has ${x.shape[1]} channels but weight ${showShape(w.shape)} takes ${c}`);
  if (c % groups !== 0) throw new OpError(op, `groups must divide the ${c} input channels, got ${groups}`);
  const [stride, dilation] = [perAxis(op, "stride", options.stride ?? 1, rank), perAxis(op, "dilation", options.dilation ?? 1, rank)];
  const padding = perSide(op, options.padding ?? 0, rank);
  const extra = outputPaddingOf(op, options.outputPadding ?? 0, stride, dilation);
  const space = kernel.map((k, d) => transposedCount(x.shape[d + 2]!, k, stride[d]!, padding[d]!, dilation[d]!, extra[d]!));
  if (space.some((n) => n < 1)) throw new OpError(op, `padding leaves nothing of the result, got ${showShape(space)}. Use less padding`);
  const out = perGroup * groups;
  const y = convInputGrad(x, w, [x.shape[0]!, out, ...space], { kernel, stride, padding, dilation, groups });
  return b === undefined ? y : add(y, reshape(biasOf(op, b, w, [out]), [out, ...kernel.map(() => 1)]));
}

/** Gradient of conv by its input, of shape `inputShape`. */
export function convInputGrad(dy: Tensor, w: Tensor, inputShape: Shape, attrs: ConvAttrs): Tensor {
  return apply(convInputGradOp, [dy, w], { ...convOnly(attrs), inputSpace: inputShape.slice(2) });
}

/** Gradient of conv by its weight. */
export function convWeightGrad(dy: Tensor, x: Tensor, attrs: ConvAttrs): Tensor {
  return apply(convWeightGradOp, [dy, x], convOnly(attrs));
}
