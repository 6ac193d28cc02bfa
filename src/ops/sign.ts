import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, select } from "../kernel/expr.ts";
import { mul } from "./arithmetic.ts";
import { definePointwise } from "./pointwise.ts";

export const signOp: Op = definePointwise({
  name: "sign",
  value: ([x]) => Math.sign(x!),
  // Zero and NaN stay themselves.
  expr: ([x]) => select("gt", x!, c(0), c(1), select("lt", x!, c(0), c(-1), x!)),
  // PyTorch: zero everywhere, at the jump too.
  grad: (dy) => [mul(dy, 0)],
});

/** 1 where x is positive, -1 where it is negative, 0 at zero. PyTorch's sign. */
export const sign = (x: Tensor): Tensor => apply(signOp, [x], {});
