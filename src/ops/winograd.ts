/**
 * Convolution by minimal filtering, Winograd's algorithm: along each axis, m outputs of a tile from fewer products (see minimalFilter.ts).
 *
 *   y = A^T [ (G w) (B^T x) ] A      for each tile; products of all channels are matrix products
 *
 * Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015.
 *
 * Error of inputs and weights in [-1, 1) with 3 to 512 channels, relative to the largest output, forward and both gradients: at most
 * 2e-6 for F(2 x 2, 3 x 3); 2e-5 for F(4 x 4, 3 x 3) with either stride, and for five taps up to 256 channels. Measured, forward, with
 * 64 channels: 3e-6 for F(4 x 4, 3 x 3) at 56 x 56 (directly 7e-7), 1e-6 with stride 2, 7e-6 for F(4 x 4, 5 x 5); with 512 at 7 x 7 1.2e-5
 * (directly 1.9e-6). The gradient by the weight sums over all positions of the batch, in parts: 64 -> 64 at 56 x 56, batch 8, has 5e-6
 * (4e-6 directly).
 *
 * Inputs that are chosen to be bad, so that large summands cancel, were found to have errors of at most 1e-5 of the largest sum of the
 * summands' magnitudes. `bounds` says what no inputs can exceed.
 */
import { type Shape, showShape, sizeOf } from "../base/shape.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { rowsOf, sideBySide, transposed } from "./alongAxes.ts";
import { bmm } from "./bmm.ts";
import type { ConvAttrs } from "./conv.ts";
import type { ConvMethod } from "./convAlgorithms.ts";
import { minimalFilterBound } from "./errorBound.ts";
import { filterOutput, filterTransform } from "./filterTransform.ts";
import { type MinimalFilter, minimalFilter, minimalInputGrad, mostTaps } from "./minimalFilter.ts";
import { padOp } from "./pad.ts";
import { tileOutput, tileTransform } from "./tileTransform.ts";
import { outSpace, type WindowAttrs } from "./window.ts";

/** Outputs of one tile along each axis, for each step of the stride. */
export type WinogradTile = 2 | 4;

/** How one axis is cut into tiles: tile t reads from t step - before, as many inputs as the matrices have columns. */
interface Tiling extends MinimalFilter {
  readonly step: number;
  readonly before: number;
}

const tilings = ({ kernel, stride, padding, tile = 4 }: ConvAttrs): Tiling[] =>
  kernel.map((taps, d) => ({ ...minimalFilter(tile, taps, stride[d]!), step: tile * stride[d]!, before: padding[d]![0] }));

const gradTilings = ({ kernel, stride, padding, tile = 4 }: ConvAttrs): Tiling[] =>
  kernel.map((taps, d) => {
    const { first, ...filter } = minimalInputGrad(tile, taps, stride[d]!, padding[d]![0]);
    return { ...filter, step: tile, before: -first };
  });

/** Every tile of x that outputs of extents `out` need, transformed. */
function transformedTiles(x: Tensor, out: Shape, axes: readonly Tiling[]): Tensor {
  const window: WindowAttrs = {
    kernel: axes.map(({ bt }) => bt[0]!.length),
    stride: axes.map(({ step }) => step),
    padding: axes.map(({ at, bt, step, before }, d) => {
      const end = (Math.ceil(out[d]! / at.length) - 1) * step + bt[0]!.length;
      return [before, end - before - x.shape[d + 2]!] as const;
    }),
    dilation: axes.map(() => 1),
  };
  return tileTransform(
    x,
    axes.map(({ bt }) => bt),
    window,
  );
}

/** Extents `out` of x by filters at every frequency, u [f, o, c]. */
const filtered = (x: Tensor, u: Tensor, out: Shape, axes: readonly Tiling[]): Tensor =>
  tileOutput(
    bmm(u, transformedTiles(x, out, axes)),
    axes.map(({ at }) => at),
    out,
  );

const filterMatrices = (axes: readonly Tiling[]) => axes.map(({ g }) => g);

/** Channels that a transform takes at a time: fewer are filled up with zeros. */
export const FEWEST_CHANNELS = 4;

/** With enough channels for transforms along these axes. */
function widened(t: Tensor, axes: readonly number[]): Tensor {
  const padding = t.shape.map((n, d) => [0, axes.includes(d) ? Math.max(0, FEWEST_CHANNELS - n) : 0] as const);
  return padding.some(([, after]) => after > 0) ? apply(padOp, [t], { padding, value: 0 }) : t;
}

/** The first channels of t, as many as `shape` has. */
const narrowed = (t: Tensor, shape: Shape): Tensor =>
  t.shape.every((n, d) => n === shape[d])
    ? t
    : apply(padOp, [t], { padding: t.shape.map((n, d) => [0, shape[d]! - n] as const), value: 0 });

/**
 * Winograd's convolution. The gradient by the input is minimal filtering of dy; the gradient by the weight is the transposed algorithm,
 * G^T [sum over tiles of (B^T x B) (A dy A^T)] G.
 */
export const winograd: ConvMethod = {
  forward(x, w, attrs) {
    const axes = tilings(attrs);
    const u = filterTransform(widened(w, [0, 1]), filterMatrices(axes));
    const out = outSpace(x.shape.slice(2), attrs);
    return narrowed(filtered(widened(x, [1]), u, out, axes), [x.shape[0]!, w.shape[0]!, ...out]);
  },
  inputGrad(dy, w, inputSpace, attrs) {
    const axes = gradTilings(attrs);
    const u = filterTransform(widened(w, [0, 1]), filterMatrices(axes), true);
    return narrowed(filtered(widened(dy, [1]), u, inputSpace, axes), [dy.shape[0]!, w.shape[1]!, ...inputSpace]);
  },
  weightGrad(dy, x, attrs) {
    const axes = tilings(attrs);
    const out = dy.shape.slice(2);
    const v = transformedTiles(widened(x, [1]), out, axes);
    const ats = axes.map(({ at }) => at);
    const d = tileTransform(widened(dy, [1]), ats.map(transposed), sideBySide(out, rowsOf(ats)));
    const dw = filterOutput(bmm(d, v, false, true), filterMatrices(axes).map(transposed));
    return narrowed(dw, [dy.shape[1]!, x.shape[1]!, ...attrs.kernel]);
  },
  bounds(x, w, attrs) {
    const axes = tilings(attrs);
    const tiles = x[0]! * sizeOf(outSpace(x.slice(2), attrs).map((extent, d) => Math.ceil(extent / axes[d]!.at.length)));
    return {
      forward: minimalFilterBound(axes, w[1]!),
      inputGrad: minimalFilterBound(gradTilings(attrs), w[0]!),
      weightGrad: minimalFilterBound(
        axes.map(({ at, g, bt }) => ({ at: transposed(g), g: transposed(at), bt })),
        tiles,
      ),
    };
  },
  refusal({ kernel, stride, dilation, groups, tile = 4 }) {
    const needs = (what: string, got: string): string =>
      `algorithm winograd takes ${what}, got ${got}. Use algorithm direct, im2col or fft`;
    if (kernel.length > 2) return needs("one or two spatial axes", `${kernel.length}`);
    if (stride.some((s) => s > 2)) return needs("stride 1 or 2", showShape(stride));
    if (kernel.some((k, d) => k < stride[d]!)) return needs("kernels of at least the stride", showShape(kernel));
    const most = mostTaps(tile);
    if (kernel.some((k, d) => k > most * stride[d]!)) {
      return needs(`at most ${most} taps an axis (${2 * most} with stride 2)`, showShape(kernel));
    }
    if (dilation.some((d) => d !== 1)) return needs("dilation 1", showShape(dilation));
    return groups === 1 ? undefined : needs("groups 1", `${groups}`);
  },
};
