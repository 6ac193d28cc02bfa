/**
 * Graph to graph, same values up to rounding: each node whose attributes name an algorithm becomes what its op computes by it. Without
 * `auto`, only where the user has asked for one.
 */
import type { Graph } from "../ir/graph.ts";
import { rewrite } from "./rewrite.ts";

export function algorithms(graph: Graph, auto = true): Graph {
  return rewrite(graph, ({ op, inputs, attrs, output }) => {
    const { algorithm: name } = attrs;
    if (name === "auto" && !auto) return undefined;
    return typeof name === "string" ? op.algorithm?.(name, { inputs, attrs, output }) : undefined;
  });
}
