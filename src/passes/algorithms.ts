/** Graph to graph, same values up to rounding: each node whose attributes name an algorithm becomes what its op computes by it. */
import type { Graph } from "../ir/graph.ts";
import { rewrite } from "./rewrite.ts";

export function algorithms(graph: Graph): Graph {
  return rewrite(graph, ({ op, inputs, attrs, output }) => {
    const { algorithm: name } = attrs;
    return typeof name === "string" ? op.algorithm?.(name, { inputs, attrs, output }) : undefined;
  });
}
