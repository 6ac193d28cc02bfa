/**
 * From logical indices to addresses: an addressed kernel reads and writes one-dimensional buffers, each index one offset in
 * elements. Backends that work on memory lower addressed kernels; everything that thinks in dimensions happens before.
 */
import { invariant } from "../base/assert.ts";
import { sizeOf } from "../base/shape.ts";
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

/** The flat twin of a buffer: one dimension, as many elements. */
export const flatTwin = (b: Buffer): Buffer => ({ name: b.name, shape: [sizeOf(b.shape)], dtype: b.dtype });

/** The offset of an addressed load. */
export function offset(l: Load): Int {
  invariant(l.index.length === 1, `load of ${l.buffer.name} is not addressed`);
  return l.index[0]!;
}
