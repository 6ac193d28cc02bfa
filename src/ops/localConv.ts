/**
 * Convolution with unshared weights: windows slide as in conv, and every position has a filter of its own. With its two gradients it
 * is closed under differentiation, as conv is:
 *
 *   y  = localConv(x, w)            y[n, o, p]  = sum over c, k of x[n, c, p s + k d - pad] w[o, c, p, k]
 *   dx = localConvInputGrad(dy, w)
 *   dw = localConvWeightGrad(dy, x)
 */
import { type Shape, sameShape, showShape, sizeOf } from "../base/shape.ts";
import { type Counts, defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { isZero, load, mul } from "../kernel/expr.ts";
import { type Axis, axis, Int } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { add } from "./arithmetic.ts";
import { biasOf } from "./bias.ts";
import type { ConvAttrs, ConvOptions } from "./conv.ts";
import { warnOfSkipped } from "./skipped.ts";
import { forEachTap, perAxis, sidesOf, tapIndex, windowIndex, windowShape } from "./window.ts";

type WithSpace = ConvAttrs & { readonly inputSpace: Shape };

/** Positions of the windows and their taps, for an array w [o, c, ...positions, ...taps]. */
const partsOf = (w: Shape): { readonly positions: Shape; readonly taps: Shape } => {
  const rank = (w.length - 2) / 2;
  return { positions: w.slice(2, 2 + rank), taps: w.slice(2 + rank) };
};

interface Axes {
  readonly n: Axis;
  readonly g: Axis;
  /** Output and input channels of one group. */
  readonly o: Axis;
  readonly c: Axis;
  readonly taps: readonly Axis[];
  /** Offset of the channel among those of all groups. */
  readonly out: Int;
  readonly channel: Int;
}

function axesOf(n: number, w: Shape, { groups, kernel }: ConvAttrs): Axes {
  const [g, o, c] = [axis("g", groups), axis("o", w[0]! / groups), axis("c", w[1]!)];
  const inGroup = (size: Axis): Int => Int.of(g).mul(size.extent).add(size);
  return { n: axis("n", n), g, o, c, taps: kernel.map((k, d) => axis(`k${d}`, k)), out: inGroup(o), channel: inGroup(c) };
}

const positionsOf = (space: Shape): Axis[] => space.map((extent, d) => axis(`p${d}`, extent));

export const localConvOp: Op<ConvAttrs> = defineOp<ConvAttrs>({
  name: "localConv",
  facts: { linear: true },
  infer([x, w], attrs) {
    const op = "localConv";
    if (x!.dtype !== "f32" || w!.dtype !== "f32") throw new OpError(op, `takes f32, got ${x!.dtype} and ${w!.dtype}. Convert with toFloat`);
    const space = windowShape(op, x!, attrs);
    const c = x!.shape[1]!;
    const wanted = [w!.shape[0]!, c / attrs.groups, ...space, ...attrs.kernel];
    if (!sameShape(w!.shape, wanted) || w!.shape[0]! % attrs.groups !== 0) {
      const grouped = attrs.groups === 1 ? "" : ` with groups ${attrs.groups}`;
      throw new OpError(
        op,
        `weight must be [out, in / groups, ...positions, ...kernel], here [out, ${wanted.slice(1).join(", ")}] for input ${showShape(x!.shape)}${grouped}, got ${showShape(w!.shape)}`,
      );
    }
    return { shape: [x!.shape[0]!, w!.shape[0]!, ...space], dtype: "f32" };
  },
  grad: (dy, { inputs: [x, w], attrs }) => [inputGrad(dy, w!, x!.shape.slice(2), attrs), weightGrad(dy, x!, attrs)],
  reference([x, w], y, attrs) {
    forEachProduct(attrs, x!.shape, y.shape, (xi, yi, wi) => {
      y.data[yi]! += x!.data[xi]! * w!.data[wi]!;
    });
  },
  kernel([x, w], y, attrs) {
    const a = axesOf(x!.shape[0]!, w!.shape, attrs);
    const at = positionsOf(y.shape.slice(2));
    const read = load(x!, [a.n, a.channel, ...a.taps.map((k, d) => tapIndex(attrs, d, at[d]!, k))]);
    const filter = load(w!, [a.out, a.c, ...at, ...a.taps]);
    return kernelOf("localConv", y, [a.n, a.g, a.o, ...at], [a.n, a.out, ...at], [...a.taps, a.c], {}, mul(read, filter));
  },
  counts: ([x, w]) => productCounts(x!.shape[0]!, w!.shape),
});

export const localConvInputGradOp: Op<WithSpace> = defineOp<WithSpace>({
  name: "localConvInputGrad",
  facts: { linear: true },
  infer: ([dy, w], { inputSpace, groups }) => ({ shape: [dy!.shape[0]!, w!.shape[1]! * groups, ...inputSpace], dtype: "f32" }),
  grad: (d, { inputs: [dy, w], attrs }) => [apply(localConvOp, [d, w!], withoutSpace(attrs)), weightGrad(dy!, d, attrs)],
  reference([dy, w], dx, attrs) {
    forEachProduct(attrs, dx.shape, dy!.shape, (xi, yi, wi) => {
      dx.data[xi]! += dy!.data[yi]! * w!.data[wi]!;
    });
  },
  kernel([dy, w], dx, attrs) {
    const a = axesOf(dy!.shape[0]!, w!.shape, attrs);
    const at = positionsOf(dx.shape.slice(2));
    const ends = a.taps.map((k, d) => windowIndex(attrs, d, at[d]!, k));
    const guards = ends.map((end, d) => isZero(end.mod(attrs.stride[d]!)));
    const windows = ends.map((end, d) => end.div(attrs.stride[d]!));
    const body = mul(load(dy!, [a.n, a.out, ...windows], guards), load(w!, [a.out, a.c, ...windows, ...a.taps], guards));
    return kernelOf("localConvInputGrad", dx, [a.n, a.g, a.c, ...at], [a.n, a.channel, ...at], [...a.taps, a.o], {}, body);
  },
  counts: ([dy, w]) => productCounts(dy!.shape[0]!, w!.shape),
});

export const localConvWeightGradOp: Op<ConvAttrs> = defineOp<ConvAttrs>({
  name: "localConvWeightGrad",
  facts: { linear: true, filter: true },
  infer: ([dy, x], attrs) => ({
    shape: [dy!.shape[1]!, x!.shape[1]! / attrs.groups, ...dy!.shape.slice(2), ...attrs.kernel],
    dtype: "f32",
  }),
  grad: (d, { inputs: [dy, x], attrs }) => [apply(localConvOp, [x!, d], attrs), inputGrad(dy!, d, x!.shape.slice(2), attrs)],
  reference([dy, x], dw, attrs) {
    forEachProduct(attrs, x!.shape, dy!.shape, (xi, yi, wi) => {
      dw.data[wi]! += dy!.data[yi]! * x!.data[xi]!;
    });
  },
  kernel([dy, x], dw, attrs) {
    const a = axesOf(x!.shape[0]!, dw.shape, attrs);
    const at = positionsOf(partsOf(dw.shape).positions);
    const read = load(x!, [a.n, a.channel, ...a.taps.map((k, d) => tapIndex(attrs, d, at[d]!, k))]);
    const body = mul(read, load(dy!, [a.n, a.out, ...at]));
    return kernelOf("localConvWeightGrad", dw, [a.g, a.o, a.c, ...at, ...a.taps], [a.out, a.c, ...at, ...a.taps], [a.n], {}, body);
  },
  counts: ([dy], dw) => productCounts(dy!.shape[0]!, dw.shape),
});

const withoutSpace = ({ kernel, stride, padding, dilation, groups }: ConvAttrs): ConvAttrs => ({
  kernel,
  stride,
  padding,
  dilation,
  groups,
});

const inputGrad = (dy: Tensor, w: Tensor, inputSpace: Shape, attrs: ConvAttrs): Tensor =>
  apply(localConvInputGradOp, [dy, w], { ...withoutSpace(attrs), inputSpace });
const weightGrad = (dy: Tensor, x: Tensor, attrs: ConvAttrs): Tensor => apply(localConvWeightGradOp, [dy, x], withoutSpace(attrs));

/** Every weight is used once for each input of the batch. */
const productCounts = (n: number, w: Shape): Counts => ({ multiplyAdds: n * sizeOf(w), connections: n * sizeOf(w) });

/** Calls `visit` with the flat indices of every product x[xi] w[wi] that y[yi] sums. */
function forEachProduct(attrs: ConvAttrs, x: Shape, y: Shape, visit: (xi: number, yi: number, wi: number) => void): void {
  const [inSpace, outSpace] = [x.slice(2), y.slice(2)];
  const [inSize, outSize, taps] = [sizeOf(inSpace), sizeOf(outSpace), sizeOf(attrs.kernel)];
  const [perGroupIn, perGroupOut] = [x[1]! / attrs.groups, y[1]! / attrs.groups];
  for (let n = 0; n < x[0]!; n++) {
    for (let o = 0; o < y[1]!; o++) {
      for (let c = 0; c < perGroupIn; c++) {
        const channel = Math.floor(o / perGroupOut) * perGroupIn + c;
        const [xBase, yBase, wBase] = [(n * x[1]! + channel) * inSize, (n * y[1]! + o) * outSize, (o * perGroupIn + c) * outSize * taps];
        forEachTap(attrs, inSpace, outSpace, (i, p, k) => visit(xBase + i, yBase + p, wBase + p * taps + k));
      }
    }
  }
}

/** What a locally connected layer can be told; its padding is zeros. */
export type LocalConvOptions = Omit<ConvOptions, "paddingMode">;

/**
 * Convolution with a filter for each position, for images whose parts are not alike (a face that fills the picture): x [n, c, ...space],
 * w [o, c / groups, ...positions, ...kernel], b [o, ...positions]. As many parameters as connections, if the batch is 1. Keras's
 * LocallyConnected1D and 2D; PyTorch has none.
 */
export function localConv(x: Tensor, w: Tensor, b?: Tensor, options: LocalConvOptions = {}): Tensor {
  const rank = (w.shape.length - 2) / 2;
  if (![1, 2, 3].includes(rank)) {
    throw new OpError(
      "localConv",
      `weight must be [out, in / groups, ...positions, ...kernel] with 1 to 3 spatial axes, got ${showShape(w.shape)}`,
    );
  }
  const groups = options.groups ?? 1;
  if (!Number.isInteger(groups) || groups < 1) throw new OpError("localConv", `groups must be a whole number of at least 1, got ${groups}`);
  const window = {
    kernel: partsOf(w.shape).taps,
    stride: perAxis("localConv", "stride", options.stride ?? 1, rank),
    dilation: perAxis("localConv", "dilation", options.dilation ?? 1, rank),
  };
  const padding = sidesOf("localConv", options.padding ?? 0, x.shape.slice(2), window).map((sides) => sides!);
  const attrs = { ...window, padding, groups };
  const y = apply(localConvOp, [x, w], attrs);
  warnOfSkipped("localConv", x.shape.slice(2), attrs);
  return b === undefined ? y : add(y, biasOf("localConv", b, w, y.shape.slice(1)));
}
