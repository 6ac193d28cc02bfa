/**
 * From logical indices to addresses: an addressed kernel reads and writes one-dimensional buffers, each index one offset in
 * elements. Backends that work on memory lower addressed kernels; everything that thinks in dimensions happens before.
 */
import { invariant } from "../base/assert.ts";
import { type Shape, stridesOf } from "../base/shape.ts";
import { type Buffer, type Expr, type Load, mapExpr } from "./expr.ts";
import { Int } from "./int.ts";
import type { Kernel } from "./kernel.ts";

/** Strides in elements, one per dimension. */
export type Strides = readonly number[];

/** Offset in elements of a multi-dimensional index. */
export function offsetOf(index: readonly Int[], strides: Strides): Int {
  return index.reduce((sum, i, d) => sum.add(i.mul(strides[d]!)), Int.of(0));
}

/** The kernel over flat twins of its buffers. `flat` gives the twin of a buffer, always the same one. */
export function addressKernel(k: Kernel, stridesFor: (b: Buffer) => Strides, flat: (b: Buffer) => Buffer): Kernel {
  const addressed = (e: Expr): Expr => mapExpr(e, (x) => (x.kind === "load" ? flatten(x) : x));
  const flatten = (l: Load): Load => ({ ...l, buffer: flat(l.buffer), index: [offsetOf(l.index, stridesFor(l.buffer))] });
  return { ...k, out: flat(k.out), at: [offsetOf(k.at, stridesFor(k.out))], body: addressed(k.body), post: addressed(k.post) };
}

/** The flat twin of a buffer: one dimension, as many elements as lie between its first and its last. */
export const flatTwin = (b: Buffer, strides: Strides = stridesOf(b.shape)): Buffer => ({
  name: b.name,
  shape: [b.shape.reduce((last, extent, d) => last + (extent - 1) * strides[d]!, 1)],
  dtype: b.dtype,
});

/** Elements of a line of the cache. */
export const LINE = 16;
/** From such a distance on it matters which sets of the cache lines fall into. */
const FAR = 256;

/**
 * Strides of an array whose axes lie in `order`, with gaps: far strides are odd numbers of lines. Whoever walks an array by a stride of
 * many powers of two uses a few sets of the cache only, and pushes out of it what he comes back to: a transform, which walks all
 * frequencies of one tile, took ten times as long.
 */
export function spacedStrides(shape: Shape, order: readonly number[]): Strides {
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (const d of order.toReversed()) {
    if (stride >= FAR && stride % (2 * LINE) === 0) stride += LINE;
    strides[d] = stride;
    stride *= shape[d]!;
  }
  return strides;
}

/** The offset of an addressed load. */
export function offset(l: Load): Int {
  invariant(l.index.length === 1, `load of ${l.buffer.name} is not addressed`);
  return l.index[0]!;
}
