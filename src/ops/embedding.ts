import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { detach } from "./detach.ts";
import { expand } from "./expand.ts";
import { pick } from "./pick.ts";
import { reshape } from "./reshape.ts";
import { select } from "./select.ts";
import { toFloat } from "./toFloat.ts";

/**
 * The rows of weight [count, size] at `indices` (i32, any shape): [...indices, size]; zeros where an index is outside. PyTorch's
 * embedding. The row `paddingIndex` gets no gradient.
 *
 * A row is found by comparing every index with every row, forward and backward, so the work is indices * count * size: meant for
 * vocabularies of up to some thousands. Kernels have no addresses that depend on data, and a gradient that is scattered to
 * computed places would need an order of its own; here its sum is in the order of the indices, for any number of threads.
 */
export function embedding(indices: Tensor, weight: Tensor, options: { readonly paddingIndex?: number | undefined } = {}): Tensor {
  const [count, size] = weight.shape;
  if (weight.shape.length !== 2) throw new OpError("embedding", `weight must be [count, size], got ${showShape(weight.shape)}`);
  if (indices.dtype !== "i32") throw new OpError("embedding", `indices must be i32, got ${indices.dtype} ${showShape(indices.shape)}`);
  const ones = indices.shape.map(() => 1);
  const column = reshape(indices, [...indices.shape, 1]);
  const rows = expand(reshape(weight, [count!, ...ones, size!]), [count!, ...indices.shape, size!]);
  const found = pick(rows, expand(column, [...indices.shape, size!]), 0);
  if (options.paddingIndex === undefined) return found;
  return select("eq", toFloat(column), options.paddingIndex, detach(found), found);
}
