import { sameShape, showShape, sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { avgPool } from "./avgPool.ts";
import { reshape } from "./reshape.ts";
import type { Sizes } from "./window.ts";

/**
 * Trainable pooling: the sum of each window of x [n, c, ...space], times its channel's coefficient [c], plus its channel's bias
 * [c]. Stride is `kernel`.
 *
 * LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998: the layers S2 and S4.
 */
export function subsample(x: Tensor, coefficient: Tensor, bias: Tensor, kernel: Sizes): Tensor {
  const sums = avgPool(x, kernel, { divisorOverride: 1 });
  const perChannel = (what: string, t: Tensor): Tensor => {
    const wanted = x.shape.slice(1, 2);
    if (!sameShape(t.shape, wanted)) throw new OpError("subsample", `${what} must be ${showShape(wanted)}, got ${showShape(t.shape)}`);
    return reshape(t, [sizeOf(wanted), ...x.shape.slice(2).map(() => 1)]);
  };
  return add(mul(sums, perChannel("coefficient", coefficient)), perChannel("bias", bias));
}
