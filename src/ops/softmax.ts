/** Composites over ops: no kernels of their own. */
import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { div, mul, neg, sub } from "./arithmetic.ts";
import { detach } from "./detach.ts";
import { exp, log } from "./elementary.ts";
import { max } from "./maxOver.ts";
import { pick } from "./pick.ts";
import { mean, sum } from "./sum.ts";

/** x - max: the largest becomes 0, so that exp cannot overflow. Softmax ignores shifts, so the shift needs no gradient. */
const shifted = (x: Tensor, axis: number): Tensor => sub(x, detach(max(x, [axis], true)));

/** e^x / sum of e^x along `axis` (default: the last). */
export function softmax(x: Tensor, axis = -1): Tensor {
  const e = exp(shifted(x, axis));
  return div(e, sum(e, [axis], true));
}

/** log of softmax along `axis` (default: the last), without the loss of going through it. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  const s = shifted(x, axis);
  return sub(s, log(sum(exp(s), [axis], true)));
}

/**
 * Cross-entropy of scores x [n, classes, ...] against class indices target [n, ...] (i32), averaged over all targets. PyTorch's
 * cross_entropy with its defaults.
 */
export function crossEntropy(x: Tensor, target: Tensor): Tensor {
  if (x.shape.length < 2) throw new OpError("crossEntropy", `scores must be [batch, classes], got ${showShape(x.shape)}`);
  return mean(neg(pick(logSoftmax(x, 1), target, 1)));
}

/** Mean of squared differences. */
export function mseLoss(x: Tensor, target: Tensor): Tensor {
  const d = sub(x, target);
  return mean(mul(d, d));
}
