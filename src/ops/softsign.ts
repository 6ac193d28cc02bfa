import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, div as over, add as plus, unary } from "../kernel/expr.ts";
import { add, div, mul } from "./arithmetic.ts";
import { abs } from "./elementary.ts";
import { definePointwise } from "./pointwise.ts";

export const softsignOp: Op = definePointwise({
  name: "softsign",
  value: ([x]) => x! / (1 + Math.abs(x!)),
  expr: ([x]) => over(x!, plus(c(1), unary("abs", x!))),
  grad(dy, { inputs: [x] }) {
    const d = add(abs(x!), 1);
    return [div(dy, mul(d, d))];
  },
});

/** x / (1 + |x|). PyTorch's softsign. */
export const softsign = (x: Tensor): Tensor => apply(softsignOp, [x], {});
