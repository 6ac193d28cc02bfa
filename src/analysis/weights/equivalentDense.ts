/** A convolution as the linear layer that it is: weights that are zero outside of each unit's window, and tied within. */
import { f32, NdArray } from "../../base/ndarray.ts";
import type { Shape } from "../../base/shape.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { type Convolution, forEachEntry, toeplitz } from "../toeplitz.ts";

/** The linear layer, and what is special about its weights. */
export interface EquivalentDense {
  /** Takes flattened inputs [n, inputs] and gives flattened outputs [n, outputs]. Always with a bias. */
  readonly linear: Linear<number, number>;
  /** [outputs, inputs]: its weight. */
  readonly weight: NdArray<"f32">;
  /** [outputs, inputs]: which of the convolution's weights stands there (an index into its flat weight), or -1 for a zero that must be. */
  readonly tie: NdArray<"i32">;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly counts: DenseCounts;
}

export interface DenseCounts {
  /** Parameters of a linear layer between the same numbers of units: what it could choose freely. */
  readonly denseParameters: number;
  /** The convolution's parameters: all the values that there are to choose. */
  readonly convParameters: number;
  /** Weights that are zero, wherever they must be. */
  readonly zeros: number;
  /** Weights that are not: each a copy of one of the convolution's. */
  readonly copies: number;
  /** The convolution's weights that stand somewhere: all, but for taps that only ever see padding. */
  readonly distinct: number;
}

/**
 * The linear layer that does what a convolution does to inputs of `shape` (without the batch: [channels, ...space]): an infinitely strong
 * prior on its weights says which are zero and which are equal, and the convolution is what remains.
 *
 *     const { linear, counts } = equivalentDense(new Conv2d(1, 4, 3), [1, 8, 8]);
 *     flatten(conv.forward(x)) = linear.forward(flatten(x))
 *
 * Padding with zeros only. Throws an OpError if the input does not fit, or if the matrix had more than 2^26 elements.
 */
export function equivalentDense(layer: Convolution, shape: Shape): EquivalentDense {
  const { matrix, rows, columns, outputShape, entries, weights } = toeplitz(layer, shape, { format: "dense" });
  const tie = new NdArray("i32", [rows, columns], new Int32Array(rows * columns).fill(-1));
  forEachEntry(layer, shape, (row, column, weight) => {
    tie.data[row * columns + column] = weight;
  });
  const own = "bias" in layer ? layer.bias?.read() : undefined;
  const places = rows / outputShape[0]!;
  const linear = new Linear(columns, rows);
  linear.weight.write(matrix);
  linear.bias!.write(
    f32(
      [rows],
      Float32Array.from({ length: rows }, (_, r) => own?.data[Math.floor(r / places)] ?? 0),
    ),
  );
  const counts: DenseCounts = {
    denseParameters: rows * columns + rows,
    convParameters: weights + (own?.data.length ?? 0),
    zeros: rows * columns - entries,
    copies: entries,
    distinct: new Set(tie.data.filter((w) => w >= 0)).size,
  };
  return { linear, weight: matrix, tie, inputShape: shape, outputShape, counts };
}
