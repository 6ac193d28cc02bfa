/** Reverse-mode differentiation: walk the graph once, backwards; ask each op for its rule; sum the fan-in. */
import { f32 } from "../base/ndarray.ts";
import { showShape, sizeOf } from "../base/shape.ts";
import { reachable } from "../ir/graph.ts";
import { OpError } from "../ir/op.ts";
import { constant, inputsOf, opOf, type Tensor } from "../ir/tensor.ts";
import { withBackward, withPath } from "../ir/trace.ts";
import { add } from "../ops/arithmetic.ts";
import { expand } from "../ops/expand.ts";

/**
 * Gradients of the scalar `loss` by each of `wrt`, in their shapes: tensors like any other, so they can be differentiated
 * again. Zero where the loss does not depend on one.
 */
export function grad(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1)
    throw new OpError("grad", `loss must be a single number, got ${showShape(loss.shape)}. Take its sum or mean`);
  return pullback(
    loss,
    withBackward(true, () => expand(constant(f32([], [1])), loss.shape)),
    wrt,
  );
}

/** Vector-Jacobian product: gradients of sum(y * dy) by each of `wrt`. */
export function pullback(y: Tensor, dy: Tensor, wrt: readonly Tensor[]): Tensor[] {
  return withBackward(true, () => walkBack(y, dy, wrt));
}

function walkBack(y: Tensor, dy: Tensor, wrt: readonly Tensor[]): Tensor[] {
  const nodes = reachable([y]);
  const needed = dependents(nodes, new Set(wrt));
  const gradients = new Map<Tensor, Tensor>([[y, dy]]);
  for (const t of nodes.reverse()) {
    const dt = gradients.get(t);
    const node = opOf(t);
    if (!dt || !node?.inputs.some((x) => needed.has(x))) continue;
    if (!node.op.grad) throw new OpError(node.op.name, "has no gradient, but the loss is differentiated through it");
    const parts = withPath(t.path, () => node.op.grad!(dt, node));
    node.inputs.forEach((x, i) => {
      const part = parts[i];
      if (!part || !needed.has(x)) return;
      const sum = gradients.get(x);
      gradients.set(x, sum ? add(sum, part) : part);
    });
  }
  return wrt.map((x) => gradients.get(x) ?? expand(constant(f32([], [0])), x.shape));
}

/** The nodes that depend on any of `leaves`, these included. */
function dependents(nodes: readonly Tensor[], leaves: ReadonlySet<Tensor>): Set<Tensor> {
  const found = new Set<Tensor>();
  for (const t of nodes) if (leaves.has(t) || inputsOf(t).some((x) => found.has(x))) found.add(t);
  return found;
}
