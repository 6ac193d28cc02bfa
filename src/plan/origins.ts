/** Which part of the network, and which pass, each tensor of a graph belongs to: what profiles say of the kernels that make it. */
import type { Graph } from "../ir/graph.ts";
import { Parameter } from "../ir/state.ts";
import { inputsOf, type Tensor } from "../ir/tensor.ts";
import type { Origin } from "../kernel/kernel.ts";

/** The origin of every tensor. What is made of gradients belongs to the update, and to the module whose weight it is for. */
export function originsOf(graph: Graph): ReadonlyMap<Tensor, Origin> {
  const origins = new Map<Tensor, Origin>();
  for (const t of graph.nodes) {
    const ofGradients = inputsOf(t).some((x) => origins.get(x)!.pass !== "forward");
    origins.set(t, { path: t.path, pass: t.backward ? "backward" : ofGradients ? "update" : "forward" });
  }
  for (const [state, made] of graph.updates) {
    if (!(state instanceof Parameter)) continue;
    const path = state.name.slice(0, Math.max(0, state.name.lastIndexOf(".")));
    const stack = [made];
    for (let t = stack.pop(); t; t = stack.pop()) {
      const origin = origins.get(t)!;
      if (origin.pass !== "update" || origin.path !== "" || path === "") continue;
      origins.set(t, { ...origin, path });
      stack.push(...inputsOf(t));
    }
  }
  return origins;
}
