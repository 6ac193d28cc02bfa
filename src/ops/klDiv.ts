import type { Tensor } from "../ir/tensor.ts";
import { div, mul, sub } from "./arithmetic.ts";
import { exp, log } from "./elementary.ts";
import { checkTarget, type Reduction, reduceLoss } from "./reduceLoss.ts";
import { select } from "./select.ts";
import { sum } from "./sum.ts";

export interface KlDivOptions {
  /** "batchmean", the sum over the size of the batch, is the divergence itself. Default "mean": over all elements. */
  readonly reduction?: Reduction | "batchmean";
  /** Whether the target holds log-probabilities as x does. Default false. */
  readonly logTarget?: boolean;
}

/** t (log t - x) for log-probabilities x and probabilities t of their shape; 0 where t is 0. PyTorch's kl_div. */
export function klDiv(x: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  checkTarget("klDiv", x, target);
  const { reduction = "mean", logTarget = false } = options;
  // log 0 is kept out of the product, and out of its gradient.
  const logs = logTarget ? target : log(select("eq", target, 0, 1, target));
  const losses = mul(logTarget ? exp(target) : target, sub(logs, x));
  return reduction === "batchmean" ? div(sum(losses), x.shape[0] ?? 1) : reduceLoss(losses, reduction);
}
