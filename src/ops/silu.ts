import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, div as over, add as plus, unary } from "../kernel/expr.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { sigmoid } from "./elementary.ts";
import { definePointwise } from "./pointwise.ts";

export const siluOp: Op = definePointwise({
  name: "silu",
  value: ([x]) => x! / (1 + Math.exp(-x!)),
  expr: ([x]) => over(x!, plus(c(1), unary("exp", unary("neg", x!)))),
  grad(dy, { inputs: [x] }) {
    const s = sigmoid(x!);
    return [mul(dy, mul(s, add(mul(x!, sub(1, s)), 1)))];
  },
});

/** x * sigmoid(x), also called swish. PyTorch's silu. */
export const silu = (x: Tensor): Tensor => apply(siluOp, [x], {});
