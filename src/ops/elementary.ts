/** Elementary functions of one variable. */

import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { add as addExpr, constant as c, div as divExpr, unary } from "../kernel/expr.ts";
import { div, mul, neg, sub } from "./arithmetic.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";

export const expOp: Op = definePointwise({
  name: "exp",
  value: ([x]) => Math.exp(x!),
  expr: ([x]) => unary("exp", x!),
  grad: (dy, { output }) => [mul(dy, output)],
});

export const logOp: Op = definePointwise({
  name: "log",
  value: ([x]) => Math.log(x!),
  expr: ([x]) => unary("log", x!),
  grad: (dy, { inputs: [x] }) => [div(dy, x!)],
});

export const sqrtOp: Op = definePointwise({
  name: "sqrt",
  value: ([x]) => Math.sqrt(x!),
  expr: ([x]) => unary("sqrt", x!),
  grad: (dy, { output }) => [div(mul(dy, 0.5), output)],
});

export const absOp: Op = definePointwise({
  name: "abs",
  value: ([x]) => Math.abs(x!),
  expr: ([x]) => unary("abs", x!),
  // PyTorch: the gradient at zero is zero.
  grad: (dy, { inputs: [x] }) => [select("gt", x!, 0, dy, select("lt", x!, 0, neg(dy), 0))],
});

export const tanhOp: Op = definePointwise({
  name: "tanh",
  value: ([x]) => Math.tanh(x!),
  expr: ([x]) => unary("tanh", x!),
  grad: (dy, { output }) => [mul(dy, sub(1, mul(output, output)))],
});

export const sigmoidOp: Op = definePointwise({
  name: "sigmoid",
  value: ([x]) => 1 / (1 + Math.exp(-x!)),
  expr: ([x]) => divExpr(c(1), addExpr(c(1), unary("exp", unary("neg", x!)))),
  grad: (dy, { output }) => [mul(dy, mul(output, sub(1, output)))],
});

/** e^x. */
export const exp = (x: Tensor): Tensor => apply(expOp, [x], {});
/** Natural logarithm. */
export const log = (x: Tensor): Tensor => apply(logOp, [x], {});
/** Square root. */
export const sqrt = (x: Tensor): Tensor => apply(sqrtOp, [x], {});
/** |x|. */
export const abs = (x: Tensor): Tensor => apply(absOp, [x], {});
/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => apply(tanhOp, [x], {});
/** 1 / (1 + e^-x). */
export const sigmoid = (x: Tensor): Tensor => apply(sigmoidOp, [x], {});
