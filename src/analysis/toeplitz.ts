/**
 * A convolution as the matrix it is. With x and y of one image flattened row-major, channels first, y = T x; the gradient by the input is
 * T^T dy. For one axis, one channel and stride 1 T is a Toeplitz matrix (equal along diagonals); for more it is made of such blocks.
 */
import { f32, type NdArray } from "../base/ndarray.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import { input, opOf } from "../ir/tensor.ts";
import { Conv1d, Conv2d, Conv3d } from "../nn/layers/conv.ts";
import { type ConvAttrs, type ConvOptions, conv, convOp } from "../ops/conv.ts";
import { forEachTap } from "../ops/window.ts";

/** A convolution with its weights [out, in / groups, ...kernel]. */
export type ConvFilter = Omit<ConvOptions, "paddingMode" | "algorithm" | "tile"> & { readonly weight: NdArray };

/** A convolution layer, or what one would consist of. */
export type Convolution = Conv1d<number, number, number> | Conv2d<number, number, number> | Conv3d<number, number, number> | ConvFilter;

/** What the matrix is made of. */
interface ToeplitzSize {
  /** Rows: elements of one output. */
  readonly rows: number;
  /** Columns: elements of one input. */
  readonly columns: number;
  /** Shapes of one input and one output, without the batch. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Places that hold a weight; all others are zero whatever the weights are. */
  readonly entries: number;
  /** The share of places that hold none. */
  readonly sparsity: number;
  /** Numbers that the entries repeat: the size of the weight. */
  readonly weights: number;
}

/** Every element, row-major. */
export interface DenseToeplitz extends ToeplitzSize {
  readonly format: "dense";
  readonly matrix: NdArray<"f32">;
}

/** Compressed rows: row r has `values` at `columnIndices` from rowStarts[r] to before rowStarts[r + 1], columns ascending. */
export interface CsrToeplitz extends ToeplitzSize {
  readonly format: "csr";
  readonly rowStarts: Uint32Array;
  readonly columnIndices: Uint32Array;
  readonly values: Float32Array;
}

export interface ToeplitzOptions<F extends "dense" | "csr"> {
  readonly format: F;
}

/** Above this a dense matrix is a mistake: 256 MiB. */
const MOST_DENSE = 2 ** 26;

/**
 * The matrix of a convolution over inputs of shape `inputShape` (without the batch: [channels, ...space]), without its bias.
 *
 *     const t = toeplitz(new Conv2d(1, 1, 3), [1, 5, 5], { format: "dense" });    // 9 x 25
 *
 * Padding with zeros only. Throws an OpError if the input does not fit, or if a dense matrix had more than 2^26 elements.
 */
export function toeplitz(convolution: Convolution, inputShape: Shape, options: ToeplitzOptions<"dense">): DenseToeplitz;
export function toeplitz(convolution: Convolution, inputShape: Shape, options: ToeplitzOptions<"csr">): CsrToeplitz;
export function toeplitz(
  convolution: Convolution,
  inputShape: Shape,
  { format }: ToeplitzOptions<"dense" | "csr">,
): DenseToeplitz | CsrToeplitz {
  const { weight, attrs, outputShape } = normalized(convolution, inputShape);
  const [rows, columns] = [sizeOf(outputShape), sizeOf(inputShape)];
  const entries = entriesOf(weight.shape, attrs, inputShape, outputShape);
  const size: ToeplitzSize = {
    rows,
    columns,
    inputShape,
    outputShape,
    entries: entries.count,
    sparsity: 1 - entries.count / (rows * columns),
    weights: weight.data.length,
  };
  if (format === "csr") return { format, ...size, ...compressed(size, entries.each, weight) };
  if (format !== "dense") throw new OpError("toeplitz", `format must be dense or csr, got ${format}`);
  if (rows * columns > MOST_DENSE) {
    throw new OpError("toeplitz", `a dense matrix of ${rows} x ${columns} is too large. Use format csr, with ${entries.count} entries`);
  }
  const matrix = f32([rows, columns], new Float32Array(rows * columns));
  entries.each((row, column, w) => {
    matrix.data[row * columns + column] = weight.data[w]!;
  });
  return { format, ...size, matrix };
}

/**
 * Calls `visit` with the row and column of every entry of the matrix of a convolution, and with the place of its value in the flat weight, in
 * no particular order. For the same inputs as `toeplitz`.
 */
export function forEachEntry(
  convolution: Convolution,
  inputShape: Shape,
  visit: (row: number, column: number, weight: number) => void,
): void {
  const { weight, attrs, outputShape } = normalized(convolution, inputShape);
  entriesOf(weight.shape, attrs, inputShape, outputShape).each(visit);
}

function normalized(convolution: Convolution, inputShape: Shape): { weight: NdArray; attrs: ConvAttrs; outputShape: Shape } {
  const isLayer = convolution instanceof Conv1d || convolution instanceof Conv2d || convolution instanceof Conv3d;
  const x = input("x", [1, ...inputShape]);
  // What a layer makes of its input is traced, so that its rules of padding need not be known here.
  const y = isLayer ? convolution.forward(x as never) : conv(x, input("w", convolution.weight.shape), undefined, convolution);
  let node = opOf(y);
  while (node && (node.op as unknown) !== convOp) node = node.inputs[0] && opOf(node.inputs[0]);
  if (!node || node.inputs[0] !== x) {
    throw new OpError("toeplitz", "takes convolutions padded with zeros. Pad the input before the layer instead of by paddingMode");
  }
  const weight = isLayer ? convolution.weight.read() : convolution.weight;
  if (!sameShape(weight.shape, node.inputs[1]!.shape)) throw new OpError("toeplitz", `weight has shape ${showShape(weight.shape)}`);
  return { weight, attrs: node.attrs as unknown as ConvAttrs, outputShape: y.shape.slice(1) };
}

type Visit = (row: number, column: number, weight: number) => void;

/** How many entries there are, and a walk through them in no particular order. */
function entriesOf(w: Shape, attrs: ConvAttrs, x: Shape, y: Shape): { readonly count: number; readonly each: (visit: Visit) => void } {
  const [inSize, outSize, taps] = [sizeOf(x.slice(1)), sizeOf(y.slice(1)), sizeOf(attrs.kernel)];
  const [o, c] = [w[0]!, w[1]!];
  // The same for every pair of channels.
  const plane: [out: number, into: number, tap: number][] = [];
  forEachTap(attrs, x.slice(1), y.slice(1), (i, p, k) => plane.push([p, i, k]));
  const each = (visit: Visit): void => {
    for (let out = 0; out < o; out++) {
      const first = Math.floor(out / (o / attrs.groups)) * c;
      for (let into = 0; into < c; into++) {
        for (const [p, i, k] of plane) visit(out * outSize + p, (first + into) * inSize + i, (out * c + into) * taps + k);
      }
    }
  };
  return { count: plane.length * o * c, each };
}

function compressed(
  { rows, entries }: ToeplitzSize,
  each: (visit: Visit) => void,
  weight: NdArray,
): Pick<CsrToeplitz, "rowStarts" | "columnIndices" | "values"> {
  const rowStarts = new Uint32Array(rows + 1);
  each((row) => {
    rowStarts[row + 1]!++;
  });
  for (let r = 0; r < rows; r++) rowStarts[r + 1]! += rowStarts[r]!;
  const next = rowStarts.slice();
  const [columnIndices, values] = [new Uint32Array(entries), new Float32Array(entries)];
  // Within a row the walk goes up: input channels, then positions by taps, both ascending.
  each((row, column, w) => {
    const at = next[row]!++;
    columnIndices[at] = column;
    values[at] = weight.data[w]!;
  });
  return { rowStarts, columnIndices, values };
}
