import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { unary } from "../kernel/expr.ts";
import { definePointwise } from "./pointwise.ts";

export const floorOp: Op = definePointwise({
  name: "floor",
  value: ([x]) => Math.floor(x!),
  expr: ([x]) => unary("floor", x!),
  // PyTorch: zero everywhere.
  grad: () => [undefined],
});

/** The largest whole number that is not above x. Its gradient is zero. PyTorch's floor. */
export const floor = (x: Tensor): Tensor => apply(floorOp, [x], {});
