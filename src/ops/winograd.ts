/**
 * Convolution by Winograd's minimal filtering F(m, 3): m outputs from m + 2 multiplications instead of 3 m, along each axis.
 *
 *   y = A^T [ (G w) (B^T x) ] A      for each tile of m outputs, which reads m + 2 inputs; products of all channels are matrix products
 *
 * Winograd, "Arithmetic complexity of computations", 1980; Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015;
 * matrices from the points 0, 1, -1, 2, -2 and infinity by Toom and Cook's interpolation, as Lavin and Gray have them but for signs.
 *
 * Error against exact arithmetic, of inputs and weights in [-1, 1] with 3 to 64 channels, relative to the largest output: at most 2e-6 for
 * F(2 x 2, 3 x 3) and 2e-5 for F(4 x 4, 3 x 3), forward and both gradients. The gradient by the weight sums over all positions of the batch,
 * and its error grows with their number, as the direct one's does: 64 -> 64 at 56 x 56, batch 8, has 2.3e-5 by F(4 x 4, 3 x 3), 3.4e-6 by
 * F(2 x 2, 3 x 3), 4.0e-6 directly.
 */
import { f32 } from "../base/ndarray.ts";
import { type Shape, showShape, sizeOf } from "../base/shape.ts";
import { apply, constant, type Tensor } from "../ir/tensor.ts";
import { bmm } from "./bmm.ts";
import type { ConvAttrs } from "./conv.ts";
import type { ConvMethod } from "./convAlgorithms.ts";
import { matmulOp } from "./matmul.ts";
import { reshape } from "./reshape.ts";
import { tileTransform, tileTransformInputGrad } from "./tileTransform.ts";
import type { WindowAttrs } from "./window.ts";

/** Outputs of one tile along each axis. */
export type WinogradTile = 2 | 4;

const TAPS = 3;
/** Without infinity. Few and small, because powers of the points are the coefficients that rounding errors are multiplied by. */
const POINTS: { readonly [M in WinogradTile]: readonly number[] } = { 2: [0, 1, -1], 4: [0, 1, -1, 2, -2] };

type Matrix = readonly (readonly number[])[];

/** Matrices of F(m, 3): output [m][m + 2], filter [m + 2][3], input [m + 2][m + 2]. */
export interface WinogradMatrices {
  readonly at: Matrix;
  readonly g: Matrix;
  readonly bt: Matrix;
}

/** Coefficients of the product of (x - p), lowest power first, in `length` places. */
function polynomial(roots: readonly number[], length: number): number[] {
  let product = [1];
  for (const p of roots) product = Array.from({ length: product.length + 1 }, (_, i) => (product[i - 1] ?? 0) - p * (product[i] ?? 0));
  return Array.from({ length }, (_, i) => product[i] ?? 0);
}

/** By evaluation at the points and interpolation; the last row of each stands for infinity. */
export function winogradMatrices(m: WinogradTile): WinogradMatrices {
  const points = POINTS[m];
  const size = m + TAPS - 1;
  const power = (p: number, i: number): number => Array.from({ length: i }).reduce<number>((product) => product * p, 1);
  const scale = points.map((p) => points.reduce((product, q) => (p === q ? product : product * (p - q)), 1));
  return {
    at: Array.from({ length: m }, (_, i) => [...points.map((p) => power(p, i)), i === m - 1 ? 1 : 0]),
    g: [...points.map((p, j) => [0, 1, 2].map((i) => power(p, i) / scale[j]!)), [0, 0, 1]],
    bt: [
      ...points.map((p) =>
        polynomial(
          points.filter((q) => q !== p),
          size,
        ),
      ),
      polynomial(points, size),
    ],
  };
}

const transposed = (m: Matrix): Matrix => m[0]!.map((_, i) => m.map((row) => row[i]!));

/** The matrix along every axis at once (its Kronecker power), as [rows ^ rank, ...columns]. */
function alongAll(m: Matrix, rank: number): Tensor {
  let all: Matrix = [[1]];
  for (let d = 0; d < rank; d++) all = all.flatMap((a) => m.map((b) => a.flatMap((x) => b.map((y) => x * y))));
  return constant(f32([all.length, ...new Array<number>(rank).fill(m[0]!.length)], all.flat()));
}

const tileOf = (attrs: ConvAttrs): WinogradTile => attrs.tile ?? 4;

/** The tiles of outputs of extents `out`: each by itself, the last ones reaching beyond the end. */
function outputTiles(out: Shape, m: number): WindowAttrs {
  const ones = out.map(() => 1);
  return {
    kernel: out.map(() => m),
    stride: out.map(() => m),
    padding: out.map((n) => [0, Math.ceil(n / m) * m - n] as const),
    dilation: ones,
  };
}

/** What these tiles of outputs read. `before` is the padding there. */
function inputTiles(space: Shape, out: Shape, m: number, before: readonly number[]): WindowAttrs {
  const size = m + TAPS - 1;
  return {
    kernel: out.map(() => size),
    stride: out.map(() => m),
    padding: out.map((n, d) => [before[d]!, (Math.ceil(n / m) - 1) * m + size - space[d]! - before[d]!] as const),
    dilation: out.map(() => 1),
  };
}

/** [f, c, n, ...tiles] as one matrix [c, n tiles] for each frequency. */
const perFrequency = (v: Tensor): Tensor => reshape(v, [v.shape[0]!, v.shape[1]!, sizeOf(v.shape.slice(2))]);

/** w [o, c, 3, ...] at every frequency: [f, o, c]; `flip` turns the windows round. */
function transformFilter(w: Tensor, { g }: WinogradMatrices, rank: number, flip: boolean): Tensor {
  const matrix = alongAll(flip ? g.map((row) => row.toReversed()) : g, rank);
  const [f, taps] = [matrix.shape[0]!, sizeOf(matrix.shape.slice(1))];
  const flat = reshape(w, [w.shape[0]! * w.shape[1]!, taps]);
  const u = apply(matmulOp, [reshape(matrix, [f, taps]), flat], { transposeA: false, transposeB: true });
  return reshape(u, [f, w.shape[0]!, w.shape[1]!]);
}

/** Extents `out` of the convolution of x by the filters u [f, o, c] (transposed: [f, c, o]), with so much padding before. */
function filtered(x: Tensor, u: Tensor, transposeU: boolean, out: Shape, before: readonly number[], m: WinogradTile): Tensor {
  const { at, bt } = winogradMatrices(m);
  const v = tileTransform(x, alongAll(bt, out.length), inputTiles(x.shape.slice(2), out, m, before));
  const products = bmm(u, perFrequency(v), transposeU, false);
  const tiles = reshape(products, [products.shape[0]!, products.shape[1]!, ...v.shape.slice(2)]);
  return tileTransformInputGrad(tiles, alongAll(transposed(at), out.length), out, outputTiles(out, m));
}

/**
 * Winograd's convolution. The gradient by the input is the convolution of dy by the transposed, flipped filters; the gradient by the
 * weight is the transposed algorithm, G^T [sum over tiles of (B^T x B) (A dy A^T)] G.
 */
export const winograd: ConvMethod = {
  forward(x, w, attrs) {
    const [m, rank] = [tileOf(attrs), attrs.kernel.length];
    const out = attrs.padding.map(([before, after], d) => x.shape[d + 2]! + before + after - TAPS + 1);
    const u = transformFilter(w, winogradMatrices(m), rank, false);
    return filtered(
      x,
      u,
      false,
      out,
      attrs.padding.map(([before]) => before),
      m,
    );
  },
  inputGrad(dy, w, inputSpace, attrs) {
    const m = tileOf(attrs);
    const u = transformFilter(w, winogradMatrices(m), attrs.kernel.length, true);
    return filtered(
      dy,
      u,
      true,
      inputSpace,
      attrs.padding.map(([before]) => TAPS - 1 - before),
      m,
    );
  },
  weightGrad(dy, x, attrs) {
    const [m, rank, out] = [tileOf(attrs), attrs.kernel.length, dy.shape.slice(2)];
    const { at, g, bt } = winogradMatrices(m);
    const before = attrs.padding.map(([first]) => first);
    const v = tileTransform(x, alongAll(bt, rank), inputTiles(x.shape.slice(2), out, m, before));
    const d = tileTransform(dy, alongAll(transposed(at), rank), outputTiles(out, m));
    const du = bmm(perFrequency(d), perFrequency(v), false, true);
    const [f, o, c] = du.shape as readonly [number, number, number];
    const matrix = reshape(alongAll(g, rank), [f, sizeOf(attrs.kernel)]);
    const dw = apply(matmulOp, [reshape(du, [f, o * c]), matrix], { transposeA: true, transposeB: false });
    return reshape(dw, [o, c, ...attrs.kernel]);
  },
  refusal({ kernel, stride, dilation, groups }) {
    const needs = (what: string, got: string): string =>
      `algorithm winograd takes ${what}, got ${got}. Use algorithm direct, im2col or fft`;
    if (kernel.length > 2) return needs("one or two spatial axes", `${kernel.length}`);
    if (kernel.some((k) => k !== TAPS)) return needs("kernels of 3 along each axis", showShape(kernel));
    if (stride.some((s) => s !== 1)) return needs("stride 1", showShape(stride));
    if (dilation.some((d) => d !== 1)) return needs("dilation 1", showShape(dilation));
    return groups === 1 ? undefined : needs("groups 1", `${groups}`);
  },
};
