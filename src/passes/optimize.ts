import { type Graph, verifyGraph } from "../ir/graph.ts";
import { algorithms } from "./algorithms.ts";
import { fold } from "./fold.ts";
import { simplify } from "./simplify.ts";

export interface OptimizeOptions {
  /** Whether algorithms are chosen where the user has left that to Fovea. Default true. */
  readonly auto?: boolean;
}

/** The passes over graphs, in order; the verifier runs after each. */
export const PASSES: readonly { readonly name: string; readonly run: (graph: Graph, options?: OptimizeOptions) => Graph }[] = [
  { name: "algorithms", run: (graph, { auto = true } = {}) => algorithms(graph, auto) },
  { name: "simplify", run: (graph) => simplify(graph) },
  { name: "fold", run: (graph) => fold(graph) },
  { name: "simplify", run: (graph) => simplify(graph) },
];

/** The graph that compiling backends plan: same values, less work. */
export function optimize(graph: Graph, options: OptimizeOptions = {}): Graph {
  return PASSES.reduce((g, pass) => {
    const next = pass.run(g, options);
    verifyGraph(next);
    return next;
  }, graph);
}
