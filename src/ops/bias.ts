import { type Shape, sameShape, showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";

/**
 * `b`, checked: one number per output of weight w [out, ...], or an array of shape `wanted`. Broadcasting would let other sizes pass
 * and mean something else.
 */
export function biasOf(op: string, b: Tensor, w: Tensor, wanted: Shape = [w.shape[0]!]): Tensor {
  if (sameShape(b.shape, wanted)) return b;
  throw new OpError(op, `bias must be ${showShape(wanted)} for weight ${showShape(w.shape)}, got ${showShape(b.shape)}`);
}
