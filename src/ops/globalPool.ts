/** Pools over all of space. */
import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { maxPool } from "./maxPool.ts";
import { mean } from "./sum.ts";

function spaceOf(op: string, x: Tensor): readonly number[] {
  if (x.shape.length < 3) throw new OpError(op, `input must be [batch, channels, ...space], got ${showShape(x.shape)}`);
  return x.shape.slice(2);
}

/** Mean of each channel of x [n, c, ...space]: [n, c, 1, ...]. PyTorch's adaptive_avg_pool with output size 1. */
export const globalAvgPool = (x: Tensor): Tensor =>
  mean(
    x,
    spaceOf("globalAvgPool", x).map((_, d) => d + 2),
    true,
  );

/**
 * Largest element of each channel of x [n, c, ...space]: [n, c, 1, ...]. The gradient goes to the first of the largest.
 * PyTorch's adaptive_max_pool with output size 1.
 */
export const globalMaxPool = (x: Tensor): Tensor => maxPool(x, spaceOf("globalMaxPool", x));
