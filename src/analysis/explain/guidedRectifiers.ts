import { customGradient } from "../../autodiff/customGradient.ts";
import { graphOf, reachable } from "../../ir/graph.ts";
import { OpError } from "../../ir/op.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { maximum } from "../../ops/extremum.ts";
import { hardtanhOp } from "../../ops/hard.ts";
import { reluOp } from "../../ops/relu.ts";
import { type Rewritable, rewrite } from "../../passes/rewrite.ts";

/** Whether a node lets only positive values through: relu, or relu6, which is a hardtanh from 0. */
const rectifies = ({ op, attrs }: Rewritable): boolean => op === reluOp || (op === hardtanhOp && attrs.min === 0);

/**
 * The same tensor, made by a graph in which each rectifier lets only positive gradients back: what comes from above is cut off at zero
 * before the rectifier's own gradient.
 *
 * Springenberg, Dosovitskiy, Brox, Riedmiller, "Striving for simplicity: the all convolutional net", 2014 (guided backpropagation).
 */
export function guidedRectifiers(op: string, y: Tensor): Tensor {
  const nodes = reachable([y]);
  const inputs = new Map(nodes.flatMap((t) => (t.source.kind === "input" ? [[t.source.name, t]] : [])));
  let found = 0;
  const guided = rewrite(graphOf(inputs, new Map([["y", y]])), (node) => {
    if (!rectifies(node)) return undefined;
    found++;
    return customGradient({
      name: `guided ${node.op.name}`,
      forward: (_: Tensor) => node.output,
      backward: (dy) => [node.op.grad!(maximum(dy, 0), node)[0]],
    })(node.inputs[0]!);
  });
  if (found === 0) throw new OpError(op, "guides gradients at ReLU and ReLU6, but the network has none. Take the plain gradient");
  return guided.outputs.get("y")!;
}
