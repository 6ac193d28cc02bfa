/** Activations of straight pieces. */
import { type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { binary, constant as c, type Expr, max, div as over, add as plus, mul as times } from "../kernel/expr.ts";
import { add, div, mul } from "./arithmetic.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";

type Bounds = { readonly min: number; readonly max: number };

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
const clampExpr = (x: Expr, low: number, high: number): Expr => binary("min", max(x, c(low)), c(high));

export const hardtanhOp: Op<Bounds> = definePointwise<Bounds>({
  name: "hardtanh",
  value: ([x], b) => clamp(x!, b.min, b.max),
  expr: ([x], b) => clampExpr(x!, b.min, b.max),
  // PyTorch: the gradient at both ends is zero.
  grad: (dy, { inputs: [x], attrs: b }) => [select("le", x!, b.min, 0, select("ge", x!, b.max, 0, dy))],
});

export const hardsigmoidOp: Op = definePointwise({
  name: "hardsigmoid",
  value: ([x]) => clamp(x! + 3, 0, 6) / 6,
  expr: ([x]) => over(clampExpr(plus(x!, c(3)), 0, 6), c(6)),
  // PyTorch: the gradient at both ends is zero.
  grad: (dy, { inputs: [x] }) => [select("gt", x!, -3, select("lt", x!, 3, div(dy, 6), 0), 0)],
});

export const hardswishOp: Op = definePointwise({
  name: "hardswish",
  value: ([x]) => x! * (clamp(x! + 3, 0, 6) / 6),
  expr: ([x]) => times(x!, over(clampExpr(plus(x!, c(3)), 0, 6), c(6))),
  // PyTorch: -3 belongs to the middle, 3 does not.
  grad: (dy, { inputs: [x] }) => [select("lt", x!, -3, 0, select("lt", x!, 3, mul(dy, add(div(x!, 3), 0.5)), dy))],
});

/** x between `min` and `max`, which it does not exceed. PyTorch's hardtanh. */
export function hardtanh(x: Tensor, min = -1, max = 1): Tensor {
  if (!(min < max)) throw new OpError("hardtanh", `min must be below max, got ${min} and ${max}`);
  return apply(hardtanhOp, [x], { min, max });
}

/** x between 0 and 6. PyTorch's relu6. */
export const relu6 = (x: Tensor): Tensor => apply(hardtanhOp, [x], { min: 0, max: 6 });

/** relu6(x + 3) / 6: a sigmoid of three straight pieces. PyTorch's hardsigmoid. */
export const hardsigmoid = (x: Tensor): Tensor => apply(hardsigmoidOp, [x], {});

/** x * hardsigmoid(x). PyTorch's hardswish. */
export const hardswish = (x: Tensor): Tensor => apply(hardswishOp, [x], {});
