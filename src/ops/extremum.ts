import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { binary } from "../kernel/expr.ts";
import { mul, type Operand, operand } from "./arithmetic.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";
import { sumTo } from "./sum.ts";

// PyTorch: where both are equal, each gets half of the gradient.
const shared =
  (fn: "gt" | "lt") =>
  (dy: Tensor, a: Tensor, b: Tensor): readonly Tensor[] => {
    const half = mul(dy, 0.5);
    const to = (x: Tensor, y: Tensor): Tensor => sumTo(select(fn, x, y, dy, select("eq", x, y, half, 0)), x.shape);
    return [to(a, b), to(b, a)];
  };

export const maximumOp: Op = definePointwise({
  name: "maximum",
  value: ([a, b]) => Math.max(a!, b!),
  expr: ([a, b]) => binary("max", a!, b!),
  grad: (dy, { inputs: [a, b] }) => shared("gt")(dy, a!, b!),
});

export const minimumOp: Op = definePointwise({
  name: "minimum",
  value: ([a, b]) => Math.min(a!, b!),
  expr: ([a, b]) => binary("min", a!, b!),
  grad: (dy, { inputs: [a, b] }) => shared("lt")(dy, a!, b!),
});

/** The larger of two, element by element; NaN where either is. */
export const maximum = (a: Operand, b: Operand): Tensor => apply(maximumOp, [operand(a), operand(b)], {});
/** The smaller of two, element by element; NaN where either is. */
export const minimum = (a: Operand, b: Operand): Tensor => apply(minimumOp, [operand(a), operand(b)], {});
