import { sameShape, showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { mean, sum } from "./sum.ts";

/** What becomes of the losses of all elements: their mean, their sum, or all of them. */
export type Reduction = "mean" | "sum" | "none";

/** The losses of all elements as one, or as they are. */
export function reduceLoss(losses: Tensor, reduction: Reduction = "mean"): Tensor {
  return reduction === "none" ? losses : reduction === "sum" ? sum(losses) : mean(losses);
}

/** Fails unless there is one target for each element. */
// PyTorch broadcasts and warns that this is likely a mistake.
export function checkTarget(op: string, x: Tensor, target: Tensor): void {
  if (target.dtype === "f32" && sameShape(x.shape, target.shape)) return;
  throw new OpError(op, `target must be f32 ${showShape(x.shape)} as the input is, got ${target.dtype} ${showShape(target.shape)}`);
}
