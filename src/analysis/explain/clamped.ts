import { f32 } from "../../base/ndarray.ts";
import { OpError } from "../../ir/op.ts";
import { constant, type Tensor } from "../../ir/tensor.ts";
import { maximum, minimum } from "../../ops/extremum.ts";

/** A bound of pixels: one, or one for each channel. */
export type Limit = number | readonly number[];

/** x [n, channels, ...space] between two bounds, where they are given. */
export function clamped(op: string, x: Tensor, { low, high }: { readonly low?: Limit; readonly high?: Limit }): Tensor {
  const bound = (what: string, limit: Limit): Tensor | number => {
    if (typeof limit === "number") return limit;
    const [, channels = 0, ...space] = x.shape;
    if (limit.length !== channels)
      throw new OpError(op, `${what} must be one number, or one for each of ${channels} channels, got ${limit.length}`);
    return constant(f32([1, channels, ...space.map(() => 1)], limit));
  };
  const raised = low === undefined ? x : maximum(x, bound("low", low));
  return high === undefined ? raised : minimum(raised, bound("high", high));
}
