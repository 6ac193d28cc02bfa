/** What ops that draw random numbers share. */
import { type Shape, showShape, stridesOf } from "../base/shape.ts";
import { OpError, type TensorType } from "../ir/op.ts";
import { offsetOf } from "../kernel/address.ts";
import { type Buffer, binary, type Expr, index, load } from "../kernel/expr.ts";
import { type Axis, Int } from "../kernel/int.ts";

/** The random bits of an element: its place in the array, row-major, is the counter. */
export const bitsAt = (axes: readonly Axis[], shape: Shape, key: Buffer): Expr =>
  binary(
    "random",
    index(
      offsetOf(
        axes.map((a) => Int.of(a)),
        stridesOf(shape),
      ),
    ),
    load(key, []),
  );

/** Fails unless `key` is a single i32. */
export function checkKey(op: string, key: TensorType): void {
  if (key.dtype !== "i32" || key.shape.length !== 0)
    throw new OpError(op, `key must be a single i32, got ${key.dtype} ${showShape(key.shape)}. Make it with randomKey`);
}
