import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { mul } from "./arithmetic.ts";
import { sigmoid } from "./elementary.ts";
import { normalizeAxes } from "./reduction.ts";
import { split } from "./slice.ts";

/** The first half of x along `axis` (default the last) times the sigmoid of the second: a gate. PyTorch's glu. */
export function glu(x: Tensor, axis = -1): Tensor {
  const d = normalizeAxes("glu", [axis], x.shape.length)[0]!;
  const n = x.shape[d]!;
  if (n % 2 !== 0) throw new OpError("glu", `axis ${d} must be even, got ${n} in ${showShape(x.shape)}`);
  const [value, gate] = split(x, n / 2, d) as [Tensor, Tensor];
  return mul(value, sigmoid(gate));
}
