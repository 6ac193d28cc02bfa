import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { select as selectExpr } from "../kernel/expr.ts";
import { COMPARE, type CompareFn } from "../kernel/scalar.ts";
import { type Operand, operand } from "./arithmetic.ts";
import { definePointwise } from "./pointwise.ts";
import { sumTo } from "./sum.ts";

/** `a fn b ? then : otherwise`, element by element. No gradient flows through the comparison. */
export const selectOp: Op<{ readonly fn: CompareFn }> = definePointwise<{ readonly fn: CompareFn }>({
  name: "select",
  value: ([a, b, then, otherwise], { fn }) => (COMPARE[fn](a!, b!) ? then! : otherwise!),
  expr: ([a, b, then, otherwise], { fn }) => selectExpr(fn, a!, b!, then!, otherwise!),
  grad: (dy, { inputs: [a, b, then, otherwise], attrs: { fn } }) => [
    undefined,
    undefined,
    sumTo(select(fn, a!, b!, dy, 0), then!.shape),
    sumTo(select(fn, a!, b!, 0, dy), otherwise!.shape),
  ],
});

/** `a fn b ? then : otherwise`, element by element, broadcast. */
export const select = (fn: CompareFn, a: Operand, b: Operand, then: Operand, otherwise: Operand): Tensor =>
  apply(selectOp, [operand(a), operand(b), operand(then), operand(otherwise)], { fn });
