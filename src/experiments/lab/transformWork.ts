import { invariant } from "../../base/assert.ts";
import { sizeOf } from "../../base/shape.ts";
import { reachable } from "../../ir/graph.ts";
import { inputsOf, opOf, type Tensor } from "../../ir/tensor.ts";
import type { Matrix } from "../../kernel/expr.ts";
import { filterOutputOp, filterTransformOp } from "../../ops/filterTransform.ts";
import { tileOutputOp, tileTransformOp } from "../../ops/tileTransform.ts";

/** What linear transforms by constant matrices cost. */
export interface TransformWork {
  readonly multiplications: number;
  readonly additions: number;
}

/** How many tiles or filters a transform has. Frequencies come first in [frequencies, channels, tiles] and in [frequencies, out, in]. */
const COUNTED = new Map<unknown, (input: Tensor, out: Tensor) => number>([
  [tileTransformOp, (_, v) => sizeOf(v.shape.slice(1))],
  [filterTransformOp, (_, u) => sizeOf(u.shape.slice(1))],
  [tileOutputOp, (v) => sizeOf(v.shape.slice(1))],
  [filterOutputOp, (u) => sizeOf(u.shape.slice(1))],
]);

/** Of all transforms of tiles and of filters along two axes, by the same matrix, that `result` is computed from. */
export function transformWork(result: Tensor): TransformWork {
  let [multiplications, additions] = [0, 0];
  for (const t of reachable([result])) {
    const node = opOf(t);
    const pieces = node && COUNTED.get(node.op)?.(inputsOf(t)[0]!, t);
    if (!node || pieces === undefined) continue;
    const own = pieceWork((node.attrs.matrices as readonly [Matrix])[0]);
    multiplications += pieces * own.multiplications;
    additions += pieces * own.additions;
  }
  return { multiplications, additions };
}

/**
 * Of one square piece, M X M^T, one axis after the other and row by row: M [rows, columns] meets as many vectors as X has columns, then as
 * many as M has rows. An entry of 0, 1 or -1 multiplies nothing; sums that rows have in common are not shared.
 */
export function pieceWork(matrix: Matrix): TransformWork {
  const columns = matrix[0]?.length;
  invariant(columns !== undefined, "a transform has rows");
  const vectors = columns + matrix.length;
  const entries = matrix.flat().filter((entry) => entry !== 0);
  return {
    multiplications: vectors * entries.filter((entry) => Math.abs(entry) !== 1).length,
    additions: vectors * (entries.length - matrix.filter((row) => row.some((entry) => entry !== 0)).length),
  };
}
