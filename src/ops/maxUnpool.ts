/** Max unpooling: maxima back to where they were. A composite, and a kernel of max pooling's where the indices come from one. */
import { f32 } from "../base/ndarray.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import { apply, constant, opOf, type Tensor } from "../ir/tensor.ts";
import { sub } from "./arithmetic.ts";
import { detach } from "./detach.ts";
import { max } from "./maxOver.ts";
import { maxPoolGradOp, maxPoolIndicesOp } from "./maxPool.ts";
import { placeOp } from "./pick.ts";
import { spatialRank } from "./pool.ts";
import { isAdaptive, type PoolAttrs, type PoolSpace } from "./poolAxis.ts";
import { reshape } from "./reshape.ts";
import { select } from "./select.ts";
import { sum } from "./sum.ts";
import { toFloat } from "./toFloat.ts";
import { perAxis, perSide, type Sizes } from "./window.ts";

export interface MaxUnpoolOptions {
  /** The pool's. Default: the kernel. */
  readonly stride?: Sizes;
  /** The pool's, on both sides. Default 0. */
  readonly padding?: Sizes;
  /** Extents of the pool's input, of which strides lose a part. Default: (n - 1) stride - 2 padding + kernel. */
  readonly outputSize?: readonly number[];
}

/**
 * Zeros but for x [n, c, ...space], whose elements go where `indices` say: flat in the plane of their channel, i32, as
 * maxPoolWithIndices gives them. Where several go to one place, the last stays. PyTorch's max_unpool1d, max_unpool2d,
 * max_unpool3d; an index outside the plane is ignored.
 *
 * It is one pass over the result where the indices come from a pool of the same program whose windows do not overlap. Indices
 * from elsewhere cost a comparison of each place with each index.
 */
export function maxUnpool(x: Tensor, indices: Tensor, kernel: Sizes, options: MaxUnpoolOptions = {}): Tensor {
  if (x.dtype !== "f32" || indices.dtype !== "i32" || !sameShape(x.shape, indices.shape)) {
    const [a, b] = [x, indices].map((t) => `${t.dtype} ${showShape(t.shape)}`);
    throw new OpError("maxUnpool", `takes f32 and indices i32 of the same shape, got ${a} and ${b}`);
  }
  const space = unpooledSpace(x, kernel, options);
  const pool = opOf(indices);
  if (pool?.op === maxPoolIndicesOp) {
    const w = pool.attrs as PoolSpace;
    if (sameShape(w.inputSpace, space) && !overlaps(w)) return apply(maxPoolGradOp, [x, pool.inputs[0]!], w);
  }
  const flat = (t: Tensor): Tensor => reshape(t, [...x.shape.slice(0, 2), sizeOf(x.shape.slice(2))]);
  const at = flat(indices);
  // [n, c, from, to], which is never stored: the sum takes it in.
  const places = apply(placeOp, [lastOnly(flat(x), at), at], { axis: 3, extent: sizeOf(space) });
  return reshape(sum(places, [2]), [...x.shape.slice(0, 2), ...space]);
}

function unpooledSpace(x: Tensor, kernel: Sizes, options: MaxUnpoolOptions): Shape {
  const rank = spatialRank("maxUnpool", x);
  const sizes = perAxis("maxUnpool", "kernel", kernel, rank);
  const strides = perAxis("maxUnpool", "stride", options.stride ?? sizes, rank);
  const padding = perSide("maxUnpool", options.padding ?? 0, rank);
  const plain = x.shape.slice(2).map((n, d) => (n - 1) * strides[d]! - 2 * padding[d]![0] + sizes[d]!);
  const { outputSize = plain } = options;
  // PyTorch: less than a stride away from what the formula gives.
  if (outputSize.length !== rank || outputSize.some((n, d) => !Number.isInteger(n) || Math.abs(n - plain[d]!) >= strides[d]!)) {
    throw new OpError("maxUnpool", `outputSize must be less than a stride from ${showShape(plain)}, got ${showShape(outputSize)}`);
  }
  return outputSize;
}

const overlaps = (w: PoolAttrs): boolean => isAdaptive(w) || w.kernel.some((k, d) => w.stride[d]! < (k - 1) * w.dilation[d]! + 1);

/** x [n, c, from] with zeros for elements whose place a later one takes. */
// PyTorch: the gradient of the result goes to all that went to a place, to those too whose value was lost.
function lastOnly(x: Tensor, at: Tensor): Tensor {
  const [n, c, from] = x.shape as readonly [number, number, number];
  const number = constant(
    f32(
      [from],
      Float32Array.from({ length: from }, (_, i) => i),
    ),
  );
  const places = toFloat(at);
  const same = select("eq", reshape(places, [n, c, from, 1]), reshape(places, [n, c, 1, from]), number, -1);
  const lost = select("eq", max(same, [3]), number, 0, x);
  return sub(x, detach(lost));
}
