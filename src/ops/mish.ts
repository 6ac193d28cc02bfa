import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, select as choose, div as over, add as plus, mul as times, unary } from "../kernel/expr.ts";
import { add, div, mul } from "./arithmetic.ts";
import { exp, sigmoid } from "./elementary.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";

/** From here on tanh(log(1 + e^x)) is 1 to the last digit, and soon e^x squared would overflow. */
const LINEAR = 20;

export const mishOp: Op = definePointwise({
  name: "mish",
  value: ([x]) => x! * Math.tanh(Math.log1p(Math.exp(x!))),
  // tanh(log(1 + w)) is n / (n + 2) with n = w (w + 2): one exponential, and nothing cancels.
  expr([x]) {
    const w = unary("exp", x!);
    const n = times(w, plus(w, c(2)));
    return choose("gt", x!, c(LINEAR), x!, times(x!, over(n, plus(n, c(2)))));
  },
  grad(dy, { inputs: [x] }) {
    const bounded = select("gt", x!, LINEAR, LINEAR, x!);
    const w = exp(bounded);
    const n = mul(w, add(w, 2));
    const n2 = add(n, 2);
    // 1 - tanh^2 is 4 (n + 1) / (n + 2)^2.
    const bend = div(mul(mul(bounded, sigmoid(bounded)), mul(add(n, 1), 4)), mul(n2, n2));
    return [select("gt", x!, LINEAR, dy, mul(dy, add(div(n, n2), bend)))];
  },
});

/** x * tanh(softplus(x)). PyTorch's mish. */
export const mish = (x: Tensor): Tensor => apply(mishOp, [x], {});
