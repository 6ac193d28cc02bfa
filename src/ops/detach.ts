import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { definePointwise } from "./pointwise.ts";

export const detachOp: Op = definePointwise({
  name: "detach",
  value: ([x]) => x!,
  expr: ([x]) => x!,
  grad: () => [undefined],
  simplify: ([x]) => x,
});

/** The same values, through which no gradient flows. */
export const detach = (x: Tensor): Tensor => apply(detachOp, [x], {});
