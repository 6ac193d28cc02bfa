import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, div as over, add as plus, mul as times, unary } from "../kernel/expr.ts";
import { UNARY } from "../kernel/scalar.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { erf, exp, sigmoid } from "./elementary.ts";
import { hardtanh } from "./hard.ts";
import { definePointwise } from "./pointwise.ts";

/** Which function stands for the normal distribution: its own, by erf, or an approximation by tanh. */
export type GeluApproximation = "none" | "tanh";
type GeluAttrs = { readonly approximate: GeluApproximation };

/** sqrt(2 / pi) and the cubic term of the approximation. Hendrycks and Gimpel, "Gaussian error linear units", 2016. */
const SLOPE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** x times the probability that a standard normal number is below x. */
export const geluOp: Op<GeluAttrs> = definePointwise<GeluAttrs>({
  name: "gelu",
  value([x], { approximate }) {
    if (approximate === "none") return x! * 0.5 * (1 + UNARY.erf(x! * Math.SQRT1_2));
    return x! * 0.5 * (1 + Math.tanh(SLOPE * (x! + CUBIC * x! * x! * x!)));
  },
  expr([x], { approximate }) {
    if (approximate === "none") return times(times(x!, c(0.5)), plus(c(1), unary("erf", times(x!, c(Math.SQRT1_2)))));
    // (1 + tanh u) / 2 is 1 / (1 + e^(-2u)), which does not cancel where x is negative.
    const minus2u = times(times(x!, c(-2 * SLOPE)), plus(c(1), times(times(x!, x!), c(CUBIC))));
    return over(x!, plus(c(1), unary("exp", minus2u)));
  },
  grad: (dy, { inputs: [x], attrs: { approximate } }) => [mul(dy, approximate === "none" ? slope(x!) : approximateSlope(x!))],
});

/** cdf(x) + x pdf(x) of the standard normal distribution. */
function slope(x: Tensor): Tensor {
  const cdf = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const pdf = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(cdf, mul(x, pdf));
}

/** s + x s (1 - s) (2u)' with s = 1 / (1 + e^(-2u)). */
function approximateSlope(given: Tensor): Tensor {
  // Beyond 10 it is 0 or 1 to the last digit; before it overflows.
  const x = hardtanh(given, -10, 10);
  const square = mul(x, x);
  const s = sigmoid(mul(mul(x, 2 * SLOPE), add(mul(square, CUBIC), 1)));
  const inner = mul(add(mul(square, 3 * CUBIC), 1), 2 * SLOPE);
  return add(s, mul(mul(x, inner), mul(s, sub(1, s))));
}

/**
 * x times the probability that a standard normal number is below x; `approximate: "tanh"` is the cheaper
 * x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. PyTorch's gelu.
 */
export const gelu = (x: Tensor, options: { readonly approximate?: GeluApproximation } = {}): Tensor =>
  apply(geluOp, [x], { approximate: options.approximate ?? "none" });
