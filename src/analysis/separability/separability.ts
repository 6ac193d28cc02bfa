import { f32, type NdArray } from "../../base/ndarray.ts";
import { showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { svd } from "./svd.ts";

/** A kernel as a sum of columns times rows. */
export interface Separability {
  /** The largest first. */
  readonly singularValues: readonly number[];
  /** Singular values above the tolerance. 1: one column times one row is the kernel. 0 for a kernel of zeros. */
  readonly rank: number;
  /** Whether the rank is at most 1. */
  readonly isSeparable: boolean;
  /** The best column, [height], and row, [width]: the kernel is about their product. Both have the same length as vectors. */
  readonly column: NdArray<"f32">;
  readonly row: NdArray<"f32">;
  /** errors[r]: what the best sum of r columns times rows leaves of the kernel, as a share of its length as a vector. 0 for a kernel of zeros. */
  readonly errors: readonly number[];
}

/**
 * Whether a kernel [height, width] is a column times a row, so that two passes of height and of width products do what one of height times
 * width does. A singular value counts if it is more than `tolerance` times the largest; the default is what f32 can tell.
 *
 *     separability(filterKernel("sobelX")).isSeparable
 */
export function separability(kernel: NdArray, tolerance = 1e-6): Separability {
  const [height, width] = kernel.shape;
  if (kernel.shape.length !== 2 || !height || !width) {
    throw new OpError("separability", `takes a kernel [height, width], got ${showShape(kernel.shape)}`);
  }
  const { s, u, v } = svd(kernel.data, height, width);
  const rank = s.filter((x) => x > tolerance * s[0]!).length;
  const scale = Math.sqrt(s[0]!);
  const vector = (x: Float64Array): NdArray<"f32"> =>
    f32(
      [x.length],
      x.map((e) => e * scale),
    );
  return {
    singularValues: [...s],
    rank,
    isSeparable: rank <= 1,
    column: vector(u[0]!),
    row: vector(v[0]!),
    errors: Array.from({ length: s.length + 1 }, (_, r) => restOf(s, r)),
  };
}

/** What is left of a matrix with these singular values without the first r, as a share of all. */
function restOf(s: Float64Array, r: number): number {
  const all = energy(s);
  return all === 0 ? 0 : Math.sqrt(energy(s.subarray(r)) / all);
}

const energy = (s: Float64Array): number => s.reduce((sum, x) => sum + x * x, 0);
