import { showShape } from "../base/shape.ts";
import type { Graph } from "./graph.ts";
import type { Attrs } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** The graph as text, one line a node, numbered from %0: stable, for snapshots and for reading. */
export function printGraph(graph: Graph): string {
  const number = new Map(graph.nodes.map((t, i) => [t, i]));
  const ref = (t: Tensor): string => `%${number.get(t)}`;
  const lines = graph.nodes.map((t) => {
    const { source } = t;
    const type = `${t.dtype}${showShape(t.shape)}`;
    const at = t.path ? `  // ${t.path}` : "";
    if (source.kind === "input") return `${ref(t)} = input "${source.name}" : ${type}${at}`;
    if (source.kind === "state") return `${ref(t)} = state "${source.state.name}" : ${type}${at}`;
    if (source.kind === "constant")
      return `${ref(t)} = constant ${source.value.data.length === 1 ? source.value.data[0] : "..."} : ${type}${at}`;
    return `${ref(t)} = ${source.op.name}(${source.inputs.map(ref).join(", ")})${printAttrs(source.attrs)} : ${type}${at}`;
  });
  for (const [name, t] of graph.outputs) lines.push(`output "${name}" = ${ref(t)}`);
  for (const [state, t] of graph.updates) lines.push(`update "${state.name}" = ${ref(t)}`);
  return `${lines.join("\n")}\n`;
}

function printAttrs(attrs: Attrs): string {
  const entries = Object.entries(attrs);
  return entries.length === 0 ? "" : ` {${entries.map(([k, v]) => `${k}: ${JSON.stringify(v)}`).join(", ")}}`;
}
