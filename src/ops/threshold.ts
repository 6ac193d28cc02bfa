import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, select as choose } from "../kernel/expr.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";

type ThresholdAttrs = { readonly threshold: number; readonly value: number };

export const thresholdOp: Op<ThresholdAttrs> = definePointwise<ThresholdAttrs>({
  name: "threshold",
  value: ([x], { threshold, value }) => (x! <= threshold ? value : x!),
  expr: ([x], { threshold, value }) => choose("le", x!, c(threshold), c(value), x!),
  grad: (dy, { inputs: [x], attrs: { threshold } }) => [select("le", x!, threshold, 0, dy)],
});

/** x where it is above `threshold`, else `value`. PyTorch's threshold. */
export const threshold = (x: Tensor, threshold: number, value: number): Tensor => apply(thresholdOp, [x], { threshold, value });
