/** Binary cross-entropy: of probabilities, and of the scores before the sigmoid, which is the accurate way. */
import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, max, sub as minus, add as plus, mul as times, unary } from "../kernel/expr.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { log, log1p } from "./elementary.ts";
import { maximum } from "./extremum.ts";
import { definePointwise } from "./pointwise.ts";
import { checkTarget, reduceLoss } from "./reduceLoss.ts";
import type { LossOptions } from "./regressionLosses.ts";
import { softplus } from "./softplus.ts";

/** PyTorch: no logarithm below this, and no divisor of the gradient below 1e-12, so that wrong certainty costs much and not infinitely much. */
const LEAST_LOG = -100;
const LEAST_DIVISOR = 1e-12;

/** -(t log x + (1 - t) log(1 - x)): x and t. */
export const bceOp: Op = definePointwise({
  name: "bce",
  value: ([x, t]) => -(t! * Math.max(Math.log(x!), LEAST_LOG) + (1 - t!) * Math.max(Math.log1p(-x!), LEAST_LOG)),
  expr([x, t]) {
    const right = times(t!, max(unary("log", x!), c(LEAST_LOG)));
    const wrong = times(minus(c(1), t!), max(unary("log1p", unary("neg", x!)), c(LEAST_LOG)));
    return unary("neg", plus(right, wrong));
  },
  grad(dy, { inputs: [x, t] }) {
    const divisor = maximum(mul(x!, sub(1, x!)), LEAST_DIVISOR);
    const dt = sub(maximum(log1p(neg(x!)), LEAST_LOG), maximum(log(x!), LEAST_LOG));
    return [mul(dy, div(sub(x!, t!), divisor)), mul(dy, dt)];
  },
});

/** -(t log x + (1 - t) log(1 - x)) for probabilities x and targets t of their shape, times `weight`, broadcast. PyTorch's binary_cross_entropy. */
export function bce(x: Tensor, target: Tensor, options: LossOptions & { readonly weight?: Tensor | undefined } = {}): Tensor {
  checkTarget("bce", x, target);
  const losses = apply(bceOp, [x, target], {});
  return reduceLoss(options.weight ? mul(losses, options.weight) : losses, options.reduction);
}

export interface BceWithLogitsOptions extends LossOptions {
  /** How much each element counts, broadcast. */
  readonly weight?: Tensor | undefined;
  /** How much more positive targets count, broadcast: above 1 for more recall. */
  readonly posWeight?: Tensor | undefined;
}

/**
 * -(posWeight t log s + (1 - t) log(1 - s)) with s = sigmoid(x), for scores x and targets t of their shape, times `weight`.
 * PyTorch's binary_cross_entropy_with_logits.
 */
export function bceWithLogits(x: Tensor, target: Tensor, options: BceWithLogitsOptions = {}): Tensor {
  checkTarget("bceWithLogits", x, target);
  // -log s is softplus(-x) and -log(1 - s) is softplus(x): two terms of one sign, so that nothing cancels.
  const positive = options.posWeight ? mul(target, options.posWeight) : target;
  const losses = add(mul(softplus(neg(x)), positive), mul(softplus(x), sub(1, target)));
  return reduceLoss(options.weight ? mul(losses, options.weight) : losses, options.reduction);
}
