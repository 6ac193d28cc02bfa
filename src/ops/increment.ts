import type { Op } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { add, index } from "../kernel/expr.ts";
import { Int } from "../kernel/int.ts";
import { definePointwise } from "./pointwise.ts";

/** n + 1, of i32. After the largest comes the smallest. */
export const incrementOp: Op = definePointwise({
  name: "increment",
  takes: ["i32"],
  gives: "i32",
  value: ([n]) => (n! + 1) | 0,
  expr: ([n]) => add(n!, index(Int.of(1))),
});

/** n + 1 for counts (i32): of steps, of batches. */
export const increment = (n: Tensor): Tensor => apply(incrementOp, [n], {});
