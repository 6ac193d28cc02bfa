/** Power-average pooling: composites over average pooling. */
import { sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { mul } from "./arithmetic.ts";
import { avgPool } from "./avgPool.ts";
import { spatialRank } from "./pool.ts";
import { pow } from "./pow.ts";
import { select } from "./select.ts";
import { perAxis, type Sizes } from "./window.ts";

export interface LpPoolOptions {
  /** Default: the kernel. */
  readonly stride?: Sizes;
  /** Whether a last window that reaches beyond the end counts too. Default false. */
  readonly ceilMode?: boolean;
}

/**
 * (sum of x^p)^(1 / p) over each window of x [n, c, ...space], p = `normType`: the sum for 1, the Euclidean length for 2.
 * Stride defaults to `kernel`. PyTorch's lp_pool1d, lp_pool2d.
 */
// PyTorch: powers without abs, so that an odd or broken p gives NaN where the sum is negative; a window that ceil mode cuts
// short counts as if it were whole; the gradient is zero where the sum is.
export function lpPool(x: Tensor, normType: number, kernel: Sizes, options: LpPoolOptions = {}): Tensor {
  if (!Number.isFinite(normType) || normType <= 0) throw new OpError("lpPool", `normType must be above zero, got ${normType}`);
  const sizes = perAxis("lpPool", "kernel", kernel, spatialRank("lpPool", x));
  const mean = avgPool(pow(x, normType), sizes, options);
  const total = mul(mean, sizeOf(sizes));
  return exceptZero(total, (sum) => pow(sum, 1 / normType));
}

/** fn(x), but zero with gradient zero where x is zero, whose root has no derivative. */
const exceptZero = (x: Tensor, fn: (x: Tensor) => Tensor): Tensor => select("eq", x, 0, 0, fn(select("eq", x, 0, 1, x)));
