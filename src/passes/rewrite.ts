import { type Graph, graphOf } from "../ir/graph.ts";
import type { Op } from "../ir/op.ts";
import { apply, type OpTensor, opOf, type Tensor } from "../ir/tensor.ts";
import { withBackward, withPath } from "../ir/trace.ts";

/** An op node whose inputs have been rewritten already. */
export type Rewritable = OpTensor & { readonly op: Op };

/** The graph with each op node replaced by what `rule` gives for it, inputs first; undefined keeps the node. */
export function rewrite(graph: Graph, rule: (node: Rewritable) => Tensor | undefined): Graph {
  const renamed = new Map<Tensor, Tensor>();
  let changed = false;
  const now = (t: Tensor): Tensor => renamed.get(t) ?? t;
  for (const t of graph.nodes) {
    const node = opOf(t);
    if (!node) continue;
    const inputs = node.inputs.map(now);
    const same = inputs.every((x, i) => x === node.inputs[i]);
    const inPlace = <T>(make: () => T): T => withPath(t.path, () => withBackward(t.backward, make));
    const kept = same ? t : inPlace(() => apply(node.op, inputs, node.attrs));
    const made = inPlace(() => rule({ op: node.op, inputs, attrs: node.attrs, output: kept })) ?? kept;
    renamed.set(t, made);
    changed ||= made !== t;
  }
  if (!changed) return graph;
  const through = <K>(map: ReadonlyMap<K, Tensor>): Map<K, Tensor> => new Map([...map].map(([k, t]) => [k, now(t)]));
  return graphOf(graph.inputs, through(graph.outputs), through(graph.updates), graph.warnings);
}
