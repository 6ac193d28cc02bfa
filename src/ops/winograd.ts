/**
 * Convolution by Winograd's minimal filtering F(m, 3): m outputs from m + 2 multiplications instead of 3 m, along each axis.
 *
 *   y = A^T [ (G w) (B^T x) ] A      for each tile of m outputs, which reads m + 2 inputs; products of all channels are matrix products
 *
 * Winograd, "Arithmetic complexity of computations", 1980; Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015;
 * matrices from the points 0, 1, -1, 2, -2 and infinity by Toom and Cook's interpolation, as Lavin and Gray have them but for signs.
 *
 * Error against exact arithmetic, of inputs and weights in [-1, 1) with 3 to 512 channels, relative to the largest output: at most 2e-6 for
 * F(2 x 2, 3 x 3) and 2e-5 for F(4 x 4, 3 x 3), forward and both gradients (measured for F(4 x 4, 3 x 3), forward: 3e-6 with 64 channels at
 * 56 x 56, 1.2e-5 with 512 at 7 x 7; directly 7e-7 and 1.9e-6). The gradient by the weight sums over all positions of the batch, in parts:
 * 64 -> 64 at 56 x 56, batch 8, has 5e-6 (4e-6 directly).
 */
import { type Shape, showShape } from "../base/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Matrix } from "../kernel/expr.ts";
import { sideBySide, transposed } from "./alongAxes.ts";
import { bmm } from "./bmm.ts";
import type { ConvAttrs } from "./conv.ts";
import type { ConvMethod } from "./convAlgorithms.ts";
import { filterOutput, filterTransform } from "./filterTransform.ts";
import { tileOutput, tileTransform } from "./tileTransform.ts";
import type { WindowAttrs } from "./window.ts";

/** Outputs of one tile along each axis. */
export type WinogradTile = 2 | 4;

const TAPS = 3;
/** Without infinity. Few and small, because powers of the points are the coefficients that rounding errors are multiplied by. */
const POINTS: { readonly [M in WinogradTile]: readonly number[] } = { 2: [0, 1, -1], 4: [0, 1, -1, 2, -2] };

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

const tileOf = (attrs: ConvAttrs): WinogradTile => attrs.tile ?? 4;

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

/** Extents `out` of the convolution of x by filters at every frequency, u [f, o, c], with so much padding before. */
function filtered(x: Tensor, u: Tensor, out: Shape, before: readonly number[], m: WinogradTile): Tensor {
  const { at, bt } = winogradMatrices(m);
  return tileOutput(bmm(u, tileTransform(x, bt, inputTiles(x.shape.slice(2), out, m, before))), at, out);
}

/** The matrix that transforms filters turned round. */
const flipped = (g: Matrix): Matrix => g.map((row) => row.toReversed());

/**
 * Winograd's convolution. The gradient by the input is the convolution of dy by the transposed, flipped filters; the gradient by the
 * weight is the transposed algorithm, G^T [sum over tiles of (B^T x B) (A dy A^T)] G.
 */
export const winograd: ConvMethod = {
  forward(x, w, attrs) {
    const m = tileOf(attrs);
    const out = attrs.padding.map(([before, after], d) => x.shape[d + 2]! + before + after - TAPS + 1);
    const u = filterTransform(w, winogradMatrices(m).g, out.length);
    const before = attrs.padding.map(([first]) => first);
    return filtered(x, u, out, before, m);
  },
  inputGrad(dy, w, inputSpace, attrs) {
    const m = tileOf(attrs);
    const u = filterTransform(w, flipped(winogradMatrices(m).g), inputSpace.length, true);
    const before = attrs.padding.map(([first]) => TAPS - 1 - first);
    return filtered(dy, u, inputSpace, before, m);
  },
  weightGrad(dy, x, attrs) {
    const [m, rank, out] = [tileOf(attrs), attrs.kernel.length, dy.shape.slice(2)];
    const { at, g, bt } = winogradMatrices(m);
    const before = attrs.padding.map(([first]) => first);
    const v = tileTransform(x, bt, inputTiles(x.shape.slice(2), out, m, before));
    const d = tileTransform(dy, transposed(at), sideBySide(out, m));
    return filterOutput(bmm(d, v, false, true), transposed(g), rank);
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
