import { reachable } from "../../ir/graph.ts";
import { inputsOf, opOf, type Tensor } from "../../ir/tensor.ts";

/** Multiply-adds of all that these tensors are computed from, as each op counts them. */
export const workOf = (results: readonly Tensor[]): number =>
  reachable(results).reduce((sum, t) => {
    const node = opOf(t);
    return sum + (node?.op.counts?.(inputsOf(t), t, node.attrs).multiplyAdds ?? 0);
  }, 0);
