import type { NdArray } from "../../base/ndarray.ts";
import { showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";

/** Throws an OpError unless `x` is f32 [n, channels, ...space] with so many axes of space (any number by default). */
export function checkImages(op: string, x: NdArray, space?: number): asserts x is NdArray<"f32"> {
  const rank = space === undefined ? x.shape.length >= 2 : x.shape.length === space + 2;
  const axes = space === 2 ? "height, width" : "...space";
  if (x.dtype === "f32" && rank && x.data.length > 0) return;
  throw new OpError(op, `images must be f32 [n, channels, ${axes}], as the network takes them, got ${x.dtype} ${showShape(x.shape)}`);
}
