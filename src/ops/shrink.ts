/** What takes small values away. */
import { type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, select as choose, sub as minus, add as plus, mul as times, unary } from "../kernel/expr.ts";
import { sub } from "./arithmetic.ts";
import { abs, tanh } from "./elementary.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";

type Lambda = { readonly lambda: number };

export const hardshrinkOp: Op<Lambda> = definePointwise<Lambda>({
  name: "hardshrink",
  value: ([x], { lambda }) => (Math.abs(x!) <= lambda ? 0 : x!),
  expr: ([x], { lambda }) => choose("le", unary("abs", x!), c(lambda), c(0), x!),
  grad: (dy, { inputs: [x], attrs: { lambda } }) => [select("le", abs(x!), lambda, 0, dy)],
});

export const softshrinkOp: Op<Lambda> = definePointwise<Lambda>({
  name: "softshrink",
  // PyTorch: 1.13 gives 0 for NaN; NaN stays here, as in later versions.
  value: ([x], { lambda }) => (x! > lambda ? x! - lambda : x! < -lambda ? x! + lambda : 0 * x!),
  expr: ([x], { lambda }) =>
    choose("gt", x!, c(lambda), minus(x!, c(lambda)), choose("lt", x!, c(-lambda), plus(x!, c(lambda)), times(x!, c(0)))),
  grad: (dy, { inputs: [x], attrs: { lambda } }) => [select("le", abs(x!), lambda, 0, dy)],
});

/** x where it is further than `lambda` from zero, else 0. PyTorch's hardshrink. */
export const hardshrink = (x: Tensor, lambda = 0.5): Tensor => apply(hardshrinkOp, [x], { lambda });

/** x moved towards zero by `lambda`, but not beyond it. PyTorch's softshrink. */
export function softshrink(x: Tensor, lambda = 0.5): Tensor {
  if (!(lambda >= 0)) throw new OpError("softshrink", `lambda must be at least 0, got ${lambda}`);
  return apply(softshrinkOp, [x], { lambda });
}

/** x - tanh(x). PyTorch's tanhshrink. */
export const tanhshrink = (x: Tensor): Tensor => sub(x, tanh(x));
