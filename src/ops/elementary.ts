/** Elementary functions of one variable. */

import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { add as addExpr, constant as c, div as divExpr, unary } from "../kernel/expr.ts";
import { UNARY } from "../kernel/scalar.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
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

export const expm1Op: Op = definePointwise({
  name: "expm1",
  value: ([x]) => Math.expm1(x!),
  expr: ([x]) => unary("expm1", x!),
  // Not the output + 1: where e^x is small, that has lost it.
  grad: (dy, { inputs: [x] }) => [mul(dy, exp(x!))],
});

export const log1pOp: Op = definePointwise({
  name: "log1p",
  value: ([x]) => Math.log1p(x!),
  expr: ([x]) => unary("log1p", x!),
  grad: (dy, { inputs: [x] }) => [div(dy, add(x!, 1))],
});

export const erfOp: Op = definePointwise({
  name: "erf",
  value: ([x]) => UNARY.erf(x!),
  expr: ([x]) => unary("erf", x!),
  grad: (dy, { inputs: [x] }) => [mul(dy, mul(exp(neg(mul(x!, x!))), 2 / Math.sqrt(Math.PI)))],
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
/** e^x - 1, with all its digits near zero. PyTorch's expm1. */
export const expm1 = (x: Tensor): Tensor => apply(expm1Op, [x], {});
/** log(1 + x), with all its digits near zero. PyTorch's log1p. */
export const log1p = (x: Tensor): Tensor => apply(log1pOp, [x], {});
/** 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. PyTorch's erf. */
export const erf = (x: Tensor): Tensor => apply(erfOp, [x], {});
/** 1 / (1 + e^-x). */
export const sigmoid = (x: Tensor): Tensor => apply(sigmoidOp, [x], {});
