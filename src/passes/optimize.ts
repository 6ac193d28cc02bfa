import { type Graph, verifyGraph } from "../ir/graph.ts";
import { algorithms } from "./algorithms.ts";
import { fold } from "./fold.ts";
import { simplify } from "./simplify.ts";

/** The passes over graphs, in order; the verifier runs after each. */
export const PASSES: readonly { readonly name: string; readonly run: (graph: Graph) => Graph }[] = [
  { name: "algorithms", run: algorithms },
  { name: "simplify", run: simplify },
  { name: "fold", run: fold },
  { name: "simplify", run: simplify },
];

/** The graph that compiling backends plan: same values, less work. */
export function optimize(graph: Graph): Graph {
  return PASSES.reduce((g, pass) => {
    const next = pass.run(g);
    verifyGraph(next);
    return next;
  }, graph);
}
