import { type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, type Expr, div as over, mul as times, unary } from "../kernel/expr.ts";
import { mul } from "./arithmetic.ts";
import { definePointwise } from "./pointwise.ts";

type PowAttrs = { readonly exponent: number };

export const powOp: Op<PowAttrs> = definePointwise<PowAttrs>({
  name: "pow",
  value: ([x], { exponent }) => x! ** exponent,
  expr: ([x], { exponent }) => power(x!, exponent),
  grad: (dy, { inputs: [x], attrs: { exponent } }) => [exponent === 0 ? mul(dy, 0) : mul(dy, mul(pow(x!, exponent - 1), exponent))],
});

/**
 * Products and square roots where the exponent is a multiple of a quarter: a rounding each. Elsewhere e^(p log x), which is off
 * by about as many roundings as the result's logarithm is large.
 */
function power(x: Expr, p: number): Expr {
  if (!Number.isInteger(4 * p)) return unary("exp", times(unary("log", x), c(p)));
  if (p < 0) return over(c(1), power(x, -p));
  const root = unary("sqrt", x);
  const factors = [whole(x, Math.floor(p)), p % 1 >= 0.5 ? root : undefined, p % 0.5 === 0.25 ? unary("sqrt", root) : undefined];
  return factors.reduce((a, b) => (a && b ? times(a, b) : (a ?? b))) ?? c(1);
}

/** x^n by repeated squaring; undefined for n = 0. */
function whole(x: Expr, n: number): Expr | undefined {
  if (n < 2) return n === 1 ? x : undefined;
  const half = whole(x, Math.floor(n / 2))!;
  const square = times(half, half);
  return n % 2 === 0 ? square : times(square, x);
}

/** x^exponent; NaN where x is negative and the exponent is not whole. PyTorch's pow with a number as exponent. */
export function pow(x: Tensor, exponent: number): Tensor {
  if (!Number.isFinite(exponent)) throw new OpError("pow", `exponent must be finite, got ${exponent}`);
  return exponent === 1 ? x : apply(powOp, [x], { exponent });
}
