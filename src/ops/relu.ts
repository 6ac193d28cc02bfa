import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, max } from "../kernel/expr.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";

export const reluOp: Op = definePointwise({
  name: "relu",
  value: ([x]) => (x! > 0 || Number.isNaN(x!) ? x! : 0),
  expr: ([x]) => max(x!, c(0)),
  // By the output, so that the input need not be kept. PyTorch: the gradient at zero is zero.
  grad: (dy, { output }) => [select("gt", output, 0, dy, 0)],
});

/** max(x, 0). */
export const relu = (x: Tensor): Tensor => apply(reluOp, [x], {});
