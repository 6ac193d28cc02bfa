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
import { reshape } from "./reshape.ts";
import { forEachTap, type Padding, perAxis, perSide, type Sizes, tapIndex, type WindowAttrs, windowIndex, windowShape } from "./window.ts";

export interface ConvAttrs extends WindowAttrs {
  readonly groups: number;
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
});

export const convInputGradOp: Op<WithSpace> = defineOp<WithSpace>({
  name: "convInputGrad",
  facts: { linear: true },
  infer: ([dy, w], { inputSpace, groups }) => ({ shape: [dy!.shape[0]!, w!.shape[1]! * groups, ...inputSpace], dtype: "f32" }),
  grad: (d, { inputs: [dy, w], attrs }) => [conv(d, w!, undefined, attrs), convWeightGrad(dy!, d, attrs)],
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
    const ends = a.taps.map((k, d) => windowIndex(attrs, d, a.at[d]!, k));
    const guards = ends.map((end, d) => isZero(end.mod(attrs.stride[d]!)));
    const read = load(dy!, [a.n, out, ...ends.map((end, d) => end.div(attrs.stride[d]!))], guards);
    return kernelOf(
      "convInputGrad",
      dx,
      [a.n, a.g, a.c, ...a.at],
      [a.n, channel, ...a.at],
      [...a.taps, a.o],
      {},
      mul(read, load(w!, [out, a.c, ...a.taps])),
    );
  },
  counts: ([dy, w]) => productCounts(dy!.shape, w!.shape),
});

export const convWeightGradOp: Op<ConvAttrs> = defineOp<ConvAttrs>({
  name: "convWeightGrad",
  facts: { linear: true, filter: true },
  infer: ([dy, x], attrs) => ({ shape: [dy!.shape[1]!, x!.shape[1]! / attrs.groups, ...attrs.kernel], dtype: "f32" }),
  grad: (d, { inputs: [dy, x], attrs }) => [conv(x!, d, undefined, attrs), convInputGrad(dy!, d, x!.shape, attrs)],
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

export interface ConvOptions {
  readonly stride?: Sizes;
  readonly padding?: Padding;
  readonly dilation?: Sizes;
  readonly groups?: number;
}

/**
 * Convolution of any spatial rank: x [n, c, ...space], w [o, c / groups, ...kernel], b [o]. The kernel is not flipped
 * (PyTorch's conv1d, conv2d, conv3d). Throws OpError where shapes do not fit.
 */
export function conv(x: Tensor, w: Tensor, b?: Tensor, options: ConvOptions = {}): Tensor {
  const kernel = w.shape.slice(2);
  const rank = kernel.length;
  const op = `conv${rank}d`;
  const groups = options.groups ?? 1;
  if (rank < 1 || rank > 3) {
    throw new OpError("conv", `weight must be [out, in / groups, ...kernel] with 1 to 3 spatial axes, got ${showShape(w.shape)}`);
  }
  if (!Number.isInteger(groups) || groups < 1) throw new OpError(op, `groups must be a whole number of at least 1, got ${groups}`);
  const attrs: ConvAttrs = {
    kernel,
    stride: perAxis(op, "stride", options.stride ?? 1, rank),
    padding: perSide(op, options.padding ?? 0, rank),
    dilation: perAxis(op, "dilation", options.dilation ?? 1, rank),
    groups,
  };
  const y = apply(convOp, [x, w], attrs);
  return b === undefined ? y : add(y, reshape(biasOf(op, b, w), [w.shape[0]!, ...kernel.map(() => 1)]));
}

/** Gradient of conv by its input, of shape `inputShape`. */
export function convInputGrad(dy: Tensor, w: Tensor, inputShape: Shape, attrs: ConvAttrs): Tensor {
  const { kernel, stride, padding, dilation, groups } = attrs;
  return apply(convInputGradOp, [dy, w], { kernel, stride, padding, dilation, groups, inputSpace: inputShape.slice(2) });
}

/** Gradient of conv by its weight. */
export function convWeightGrad(dy: Tensor, x: Tensor, attrs: ConvAttrs): Tensor {
  const { kernel, stride, padding, dilation, groups } = attrs;
  return apply(convWeightGradOp, [dy, x], { kernel, stride, padding, dilation, groups });
}
