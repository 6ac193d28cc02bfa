/** Smooth rectifiers: the logarithm of 1 + e^x and what is made of it. */
import { type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { binary, constant as c, select as choose, sub as minus, div as over, mul as times, unary } from "../kernel/expr.ts";
import { mul, neg } from "./arithmetic.ts";
import { sigmoid } from "./elementary.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";

type SoftplusAttrs = {
  readonly beta: number;
  /** Where beta * x exceeds this, the result is x. */
  readonly threshold: number;
};

export const softplusOp: Op<SoftplusAttrs> = definePointwise<SoftplusAttrs>({
  name: "softplus",
  value: ([x], { beta, threshold }) => (beta * x! > threshold ? x! : Math.log1p(Math.exp(beta * x!)) / beta),
  expr([x], { beta, threshold }) {
    const z = beta === 1 ? x! : times(x!, c(beta));
    const soft = unary("log1p", unary("exp", z));
    return choose("gt", z, c(threshold), x!, beta === 1 ? soft : over(soft, c(beta)));
  },
  grad(dy, { inputs: [x], attrs: { beta, threshold } }) {
    const z = mul(x!, beta);
    return [select("gt", z, threshold, dy, mul(dy, sigmoid(z)))];
  },
});

export const logSigmoidOp: Op = definePointwise({
  name: "logSigmoid",
  value: ([x]) => Math.min(x!, 0) - Math.log1p(Math.exp(-Math.abs(x!))),
  expr: ([x]) => minus(binary("min", x!, c(0)), unary("log1p", unary("exp", unary("neg", unary("abs", x!))))),
  grad: (dy, { inputs: [x] }) => [mul(dy, sigmoid(neg(x!)))],
});

/** log(1 + e^(beta x)) / beta, and x itself where beta x is above `threshold`. PyTorch's softplus. */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  if (beta === 0) throw new OpError("softplus", "beta must not be 0");
  return apply(softplusOp, [x], { beta, threshold });
}

/** log(1 / (1 + e^-x)). PyTorch's logsigmoid. */
export const logSigmoid = (x: Tensor): Tensor => apply(logSigmoidOp, [x], {});
