/**
 * Linear transforms of tiles, by a small matrix along each spatial axis. An image is cut into tiles, which may overlap; each becomes a
 * vector of frequencies, and back:
 *
 *   v = tileTransform(x, M)  v[f, c, n t] = sum over k of M1[f1, k1] M2[f2, k2] ... x[n, c, t s + k d - pad]
 *   y = tileOutput(v, M)     y[n, c, t m + i] = sum over f of M1[i1, f1] M2[i2, f2] ... v[f, c, n t]      (tiles of m side by side)
 *
 * Frequencies come first, one number for all axes, and tiles of all images last, so that v is one matrix [c, tiles] for each frequency,
 * and in channels-last layout [tiles, c].
 */
import { f32 } from "../base/ndarray.ts";
import { type Shape, showShape, sizeOf } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, constant, type Tensor } from "../ir/tensor.ts";
import { load, type Matrix } from "../kernel/expr.ts";
import { axis, Int } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { alongAll, axesOf, columnsOf, rowsOf, sideBySide, together, transformedBy, transposed } from "./alongAxes.ts";
import { bmm } from "./bmm.ts";
import { reshape } from "./reshape.ts";
import { permute } from "./transpose.ts";
import { forEachTap, tapIndex, type WindowAttrs, windowShape } from "./window.ts";
import { windowsGradOp } from "./windowReduce.ts";

type TransformAttrs = WindowAttrs & {
  /** [frequencies, taps] along each axis. */
  readonly matrices: readonly Matrix[];
};
type OutputAttrs = Readonly<Record<string, unknown>> & {
  /** [outputs of a tile, frequencies] along each axis. */
  readonly matrices: readonly Matrix[];
  /** Extents of the images; the last tiles may reach beyond them. */
  readonly space: Shape;
};

function checkMatrix(op: string, matrix: Matrix, columns: number): void {
  if (matrix.length === 0 || matrix.some((row) => row.length !== columns)) {
    throw new OpError(op, `the matrix must have ${columns} columns, got rows of ${matrix.map((row) => row.length).join(", ")}`);
  }
}

export const tileTransformOp: Op<TransformAttrs> = defineOp<TransformAttrs>({
  name: "tileTransform",
  facts: { linear: true },
  infer([x], w) {
    if (x!.dtype !== "f32")
      throw new OpError("tileTransform", `takes f32, got ${x!.dtype} ${showShape(x!.shape)}. Convert it with toFloat`);
    const tiles = windowShape("tileTransform", x!, w);
    for (const [d, k] of w.kernel.entries()) checkMatrix("tileTransform", w.matrices[d]!, k);
    return { shape: [sizeOf(rowsOf(w.matrices)), x!.shape[1]!, x!.shape[0]! * sizeOf(tiles)], dtype: "f32" };
  },
  grad(dv, { inputs: [x], attrs: w }) {
    const [n, c, ...space] = x!.shape as readonly [number, number, ...number[]];
    const tiles = windowShape("tileTransform", x!, w);
    // Taps of every tile, laid where they were taken from; where tiles overlap they add up.
    const matrix = alongAll(w.matrices.map(transposed));
    const flat = reshape(dv, [1, dv.shape[0]!, sizeOf(dv.shape.slice(1))]);
    const taps = bmm(constant(f32([1, matrix.length, matrix[0]!.length], matrix.flat())), flat);
    const patches = permute(reshape(taps, [matrix.length, c, n, sizeOf(tiles)]), [2, 1, 3, 0]);
    const { kernel, stride, padding, dilation } = w;
    return [
      apply(windowsGradOp, [reshape(patches, [n, c, ...tiles, ...kernel])], { kernel, stride, padding, dilation, inputSpace: space }),
    ];
  },
  reference([x], v, w) {
    const [n, c, ...space] = x!.shape as readonly [number, number, ...number[]];
    const tiles = w.kernel.map(
      (k, d) => Math.floor((space[d]! + w.padding[d]![0] + w.padding[d]![1] - w.dilation[d]! * (k - 1) - 1) / w.stride[d]!) + 1,
    );
    const matrix = alongAll(w.matrices);
    const [size, count] = [sizeOf(space), sizeOf(tiles)];
    for (let f = 0; f < matrix.length; f++) {
      for (let channel = 0; channel < c; channel++) {
        for (let image = 0; image < n; image++) {
          const [from, to] = [(image * c + channel) * size, ((f * c + channel) * n + image) * count];
          forEachTap(w, space, tiles, (i, t, k) => {
            v.data[to + t]! += matrix[f]![k]! * x!.data[from + i]!;
          });
        }
      }
    }
  },
  kernel([x], v, w) {
    const tiles = windowShape("tileTransform", x!, w);
    const f = axesOf("f", rowsOf(w.matrices));
    const [c, n] = [axis("c", x!.shape[1]!), axis("n", x!.shape[0]!)];
    const t = tiles.map((extent, d) => axis(`t${d}`, extent));
    const taps = w.kernel.map((extent, d) => axis(`k${d}`, extent));
    const read = load(x!, [n, c, ...taps.map((k, d) => tapIndex(w, d, t[d]!, k))]);
    const at = [
      together(
        f,
        f.map((a) => a.extent),
      ),
      Int.of(c),
      together([n, ...t], [n.extent, ...tiles]),
    ];
    return kernelOf("tileTransform", v, [...f, c, n, ...t], at, taps, {}, transformedBy(w.matrices, f, taps, read));
  },
});

/** Tiles of these sides along the axes of images. */
const tilesOf = (space: Shape, sides: readonly number[]): Shape => space.map((extent, d) => Math.ceil(extent / sides[d]!));

export const tileOutputOp: Op<OutputAttrs> = defineOp<OutputAttrs>({
  name: "tileOutput",
  facts: { linear: true },
  infer([v], { matrices, space }) {
    const [f, c, all] = v!.shape;
    const n = (all ?? 0) / sizeOf(tilesOf(space, rowsOf(matrices)));
    const columns = columnsOf(matrices);
    if (v!.dtype !== "f32" || v!.shape.length !== 3 || !Number.isInteger(n) || sizeOf(columns) !== f) {
      const tiles = `${columns.join(" x ")} frequencies of ${sizeOf(tilesOf(space, rowsOf(matrices)))} tiles an image`;
      throw new OpError("tileOutput", `takes f32 [frequencies, channels, tiles] with ${tiles}, got ${v!.dtype} ${showShape(v!.shape)}`);
    }
    for (const [d, m] of matrices.entries()) checkMatrix("tileOutput", m, columns[d]!);
    return { shape: [n, c!, ...space], dtype: "f32" };
  },
  grad: (dy, { attrs: { matrices } }) => [tileTransform(dy, matrices.map(transposed), sideBySide(dy.shape.slice(2), rowsOf(matrices)))],
  reference([v], y, { matrices, space }) {
    const [n, c] = y.shape as readonly [number, number];
    const sides = rowsOf(matrices);
    const tiles = tilesOf(space, sides);
    const [size, count] = [sizeOf(space), sizeOf(tiles)];
    const all = alongAll(matrices);
    for (let image = 0; image < n; image++) {
      for (let channel = 0; channel < c; channel++) {
        for (let i = 0; i < size; i++) {
          let [rest, tile, within, tileStep, withinStep] = [i, 0, 0, 1, 1];
          for (let d = space.length - 1; d >= 0; d--) {
            const [p, m] = [rest % space[d]!, sides[d]!];
            rest = Math.floor(rest / space[d]!);
            tile += Math.floor(p / m) * tileStep;
            within += (p % m) * withinStep;
            tileStep *= tiles[d]!;
            withinStep *= m;
          }
          let total = 0;
          all[within]!.forEach((factor, f) => {
            total += factor * v!.data[(f * c + channel) * n * count + image * count + tile]!;
          });
          y.data[(image * c + channel) * size + i] = total;
        }
      }
    }
  },
  kernel([v], y, { matrices, space }) {
    const [n, c] = [axis("n", y.shape[0]!), axis("c", y.shape[1]!)];
    const sides = rowsOf(matrices);
    const p = axesOf("p", space);
    const f = axesOf("f", columnsOf(matrices));
    const tile = together([n, ...p.map((a, d) => Int.of(a).div(sides[d]!))], [n.extent, ...tilesOf(space, sides)]);
    const read = load(v!, [
      together(
        f,
        f.map((a) => a.extent),
      ),
      c,
      tile,
    ]);
    const within = p.map((a, d) => Int.of(a).mod(sides[d]!));
    return kernelOf("tileOutput", y, [n, c, ...p], [n, c, ...p], f, {}, transformedBy(matrices, within, f, read));
  },
});

/** Every tile of x [n, c, ...space], by a matrix [frequencies][taps] along each axis: [all frequencies, c, n tiles]. */
export const tileTransform = (x: Tensor, matrices: readonly Matrix[], { kernel, stride, padding, dilation }: WindowAttrs): Tensor =>
  apply(tileTransformOp, [x], { matrices, kernel, stride, padding, dilation });

/** Images [n, c, ...space] of tiles side by side: each of v [all frequencies, c, n tiles] by a matrix [side][frequencies] along each axis. */
export const tileOutput = (v: Tensor, matrices: readonly Matrix[], space: Shape): Tensor => apply(tileOutputOp, [v], { matrices, space });
