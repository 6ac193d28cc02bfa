/** Losses of numbers: functions of the difference to a target of the same shape. */
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { abs } from "./elementary.ts";
import { checkTarget, type Reduction, reduceLoss } from "./reduceLoss.ts";
import { select } from "./select.ts";

export interface LossOptions {
  /** Default "mean". */
  readonly reduction?: Reduction;
}

function difference(op: string, x: Tensor, target: Tensor): Tensor {
  checkTarget(op, x, target);
  return sub(x, target);
}

/** (x - target)^2. PyTorch's mse_loss. */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const d = difference("mseLoss", x, target);
  return reduceLoss(mul(d, d), options.reduction);
}

/** |x - target|. PyTorch's l1_loss. */
export const l1Loss = (x: Tensor, target: Tensor, options: LossOptions = {}): Tensor =>
  reduceLoss(abs(difference("l1Loss", x, target)), options.reduction);

/** With d = |x - target|: d^2 / (2 beta) below `beta` (default 1), else d - beta / 2. PyTorch's smooth_l1_loss. */
export function smoothL1Loss(x: Tensor, target: Tensor, options: LossOptions & { readonly beta?: number } = {}): Tensor {
  const beta = options.beta ?? 1;
  if (!(beta >= 0)) throw new OpError("smoothL1Loss", `beta must be at least 0, got ${beta}`);
  const d = difference("smoothL1Loss", x, target);
  const losses = beta === 0 ? abs(d) : select("lt", abs(d), beta, mul(mul(d, d), 0.5 / beta), sub(abs(d), 0.5 * beta));
  return reduceLoss(losses, options.reduction);
}

/** With d = |x - target|: d^2 / 2 below `delta` (default 1), else delta (d - delta / 2). PyTorch's huber_loss. */
export function huberLoss(x: Tensor, target: Tensor, options: LossOptions & { readonly delta?: number } = {}): Tensor {
  const delta = options.delta ?? 1;
  if (!(delta > 0)) throw new OpError("huberLoss", `delta must be above 0, got ${delta}`);
  const d = difference("huberLoss", x, target);
  const losses = select("lt", abs(d), delta, mul(mul(d, d), 0.5), mul(sub(abs(d), 0.5 * delta), delta));
  return reduceLoss(losses, options.reduction);
}
