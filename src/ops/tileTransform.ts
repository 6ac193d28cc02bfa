/**
 * Linear transforms of tiles: each tile of an image (they may overlap), as a vector of taps, times one matrix. Bilinear in the image and
 * the matrix, and closed under differentiation like convolution:
 *
 *   v  = tileTransform(x, m)          v[f, c, n, t] = sum over k of m[f, k] x[n, c, t s + k d - pad]
 *   dx = tileTransformInputGrad(v, m) each tile's m^T v, laid where the tile was taken from; where tiles overlap they add up
 *   dm = tileTransformMatrixGrad(v, x)
 *
 * The frequency comes first and the tile last, so that channels-last layout makes v one matrix [tiles, channels] for each frequency.
 */
import { type Shape, sameShape, showShape, sizeOf } from "../base/shape.ts";
import { defineOp, type Op, OpError, type TensorType } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { isZero, load, mul } from "../kernel/expr.ts";
import { axis } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { forEachTap, tapIndex, type WindowAttrs, windowIndex, windowShape } from "./window.ts";

type WithSpace = WindowAttrs & { readonly inputSpace: Shape };

function tileAxes(f: number, c: number, n: number, tiles: Shape, kernel: Shape) {
  return {
    f: axis("f", f),
    c: axis("c", c),
    n: axis("n", n),
    at: tiles.map((extent, d) => axis(`t${d}`, extent)),
    taps: kernel.map((extent, d) => axis(`k${d}`, extent)),
  };
}

function transformed(x: TensorType, m: TensorType, w: WindowAttrs): TensorType {
  const types = [x, m].find((t) => t.dtype !== "f32");
  if (types) throw new OpError("tileTransform", `takes f32, got ${types.dtype} ${showShape(types.shape)}. Convert it with toFloat`);
  if (!sameShape(m.shape.slice(1), w.kernel)) {
    throw new OpError(
      "tileTransform",
      `the matrix must be [frequencies, ...tile] for tiles ${showShape(w.kernel)}, got ${showShape(m.shape)}`,
    );
  }
  const tiles = windowShape("tileTransform", x, w);
  return { shape: [m.shape[0]!, x.shape[1]!, x.shape[0]!, ...tiles], dtype: "f32" };
}

export const tileTransformOp: Op<WindowAttrs> = defineOp<WindowAttrs>({
  name: "tileTransform",
  facts: { linear: true },
  infer: ([x, m], w) => transformed(x!, m!, w),
  grad: (dv, { inputs: [x, m], attrs }) => [tileTransformInputGrad(dv, m!, x!.shape.slice(2), attrs), matrixGrad(dv, x!, attrs)],
  reference([x, m], v, w) {
    forEachProduct(w, x!.shape, v.shape, (xi, vi, mi) => {
      v.data[vi]! += m!.data[mi]! * x!.data[xi]!;
    });
  },
  kernel([x, m], v, w) {
    const [f, c, n, ...tiles] = v.shape as readonly [number, number, number, ...number[]];
    const a = tileAxes(f, c, n, tiles, w.kernel);
    const read = load(x!, [a.n, a.c, ...a.taps.map((k, d) => tapIndex(w, d, a.at[d]!, k))]);
    const axes = [a.f, a.c, a.n, ...a.at];
    return kernelOf("tileTransform", v, axes, axes, a.taps, {}, mul(load(m!, [a.f, ...a.taps]), read));
  },
});

export const tileTransformInputGradOp: Op<WithSpace> = defineOp<WithSpace>({
  name: "tileTransformInputGrad",
  facts: { linear: true },
  infer: ([v], { inputSpace }) => ({ shape: [v!.shape[2]!, v!.shape[1]!, ...inputSpace], dtype: "f32" }),
  grad: (d, { inputs: [v, m], attrs }) => [tileTransform(d, m!, attrs), matrixGrad(v!, d, attrs)],
  reference([v, m], x, w) {
    forEachProduct(w, x.shape, v!.shape, (xi, vi, mi) => {
      x.data[xi]! += m!.data[mi]! * v!.data[vi]!;
    });
  },
  kernel([v, m], x, w) {
    const a = tileAxes(v!.shape[0]!, x.shape[1]!, x.shape[0]!, x.shape.slice(2), w.kernel);
    const ends = a.taps.map((k, d) => windowIndex(w, d, a.at[d]!, k));
    const guards = ends.map((end, d) => isZero(end.mod(w.stride[d]!)));
    const read = load(v!, [a.f, a.c, a.n, ...ends.map((end, d) => end.div(w.stride[d]!))], guards);
    const axes = [a.n, a.c, ...a.at];
    return kernelOf("tileTransformInputGrad", x, axes, axes, [...a.taps, a.f], {}, mul(load(m!, [a.f, ...a.taps]), read));
  },
});

export const tileTransformMatrixGradOp: Op<WindowAttrs> = defineOp<WindowAttrs>({
  name: "tileTransformMatrixGrad",
  facts: { linear: true },
  infer: ([v], { kernel }) => ({ shape: [v!.shape[0]!, ...kernel], dtype: "f32" }),
  grad: (d, { inputs: [v, x], attrs }) => [tileTransform(x!, d, attrs), tileTransformInputGrad(v!, d, x!.shape.slice(2), attrs)],
  reference([v, x], m, w) {
    forEachProduct(w, x!.shape, v!.shape, (xi, vi, mi) => {
      m.data[mi]! += v!.data[vi]! * x!.data[xi]!;
    });
  },
  kernel([v, x], m, w) {
    const [f, c, n, ...tiles] = v!.shape as readonly [number, number, number, ...number[]];
    const a = tileAxes(f, c, n, tiles, w.kernel);
    const read = load(x!, [a.n, a.c, ...a.taps.map((k, d) => tapIndex(w, d, a.at[d]!, k))]);
    const axes = [a.f, ...a.taps];
    return kernelOf("tileTransformMatrixGrad", m, axes, axes, [a.n, ...a.at, a.c], {}, mul(load(v!, [a.f, a.c, a.n, ...a.at]), read));
  },
});

/** Calls `visit` with the flat indices of every product m[mi] x[xi] that v[vi] sums. */
function forEachProduct(w: WindowAttrs, x: Shape, v: Shape, visit: (xi: number, vi: number, mi: number) => void): void {
  const [frequencies, channels, images, ...tiles] = v as readonly [number, number, number, ...number[]];
  const [size, count, taps] = [sizeOf(x.slice(2)), sizeOf(tiles), sizeOf(w.kernel)];
  for (let f = 0; f < frequencies; f++) {
    for (let c = 0; c < channels; c++) {
      for (let n = 0; n < images; n++) {
        const [xBase, vBase] = [(n * channels + c) * size, ((f * channels + c) * images + n) * count];
        forEachTap(w, x.slice(2), tiles, (i, t, k) => visit(xBase + i, vBase + t, f * taps + k));
      }
    }
  }
}

const windowOnly = ({ kernel, stride, padding, dilation }: WindowAttrs): WindowAttrs => ({ kernel, stride, padding, dilation });

/** Every tile of x [n, c, ...space] times matrix m [f, ...tile]: [f, c, n, ...tiles]. */
export const tileTransform = (x: Tensor, m: Tensor, tiles: WindowAttrs): Tensor => apply(tileTransformOp, [x, m], windowOnly(tiles));

/** The adjoint: images of extents `inputSpace`, the sum of m^T v over tiles, for v [f, c, n, ...tiles]. */
export const tileTransformInputGrad = (v: Tensor, m: Tensor, inputSpace: Shape, tiles: WindowAttrs): Tensor =>
  apply(tileTransformInputGradOp, [v, m], { ...windowOnly(tiles), inputSpace });

const matrixGrad = (v: Tensor, x: Tensor, tiles: WindowAttrs): Tensor => apply(tileTransformMatrixGradOp, [v, x], windowOnly(tiles));
