/** Inputs of the form [n, c, ...space] and what has one number for each channel. */
import { sameShape, showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";

/** The number of channels of x [n, c, ...]. */
export function channelsOf(op: string, x: Tensor): number {
  const c = x.shape[1];
  if (c === undefined) throw new OpError(op, `input must be [batch, channels, ...space], got ${showShape(x.shape)}`);
  return c;
}

/** `t`, if it has one number for each of `c` channels. */
export function perChannel(op: string, what: string, t: Tensor, c: number): Tensor {
  if (sameShape(t.shape, [c])) return t;
  throw new OpError(op, `${what} must be [${c}] for ${c} channels, got ${showShape(t.shape)}`);
}
