import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { toFloat as toFloatExpr, typeOf } from "../kernel/expr.ts";
import { definePointwise } from "./pointwise.ts";

export const toFloatOp: Op = definePointwise({
  name: "toFloat",
  takes: ["any"],
  value: ([x]) => x!,
  expr: ([x]) => (typeOf(x!) === "f32" ? x! : toFloatExpr(x!)),
  grad: (dy, { inputs: [x] }) => [x!.dtype === "f32" ? dy : undefined],
});

/** Integers as f32; f32 as it is. */
export const toFloat = (x: Tensor): Tensor => (x.dtype === "f32" ? x : apply(toFloatOp, [x], {}));
