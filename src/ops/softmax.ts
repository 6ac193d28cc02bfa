/** Composites over ops: no kernels of their own. */
import type { Tensor } from "../ir/tensor.ts";
import { div, neg, sub } from "./arithmetic.ts";
import { detach } from "./detach.ts";
import { exp, log } from "./elementary.ts";
import { max } from "./maxOver.ts";
import { sum } from "./sum.ts";

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

/** softmax(-x): the smallest become the largest. PyTorch's softmin. */
export const softmin = (x: Tensor, axis = -1): Tensor => softmax(neg(x), axis);
