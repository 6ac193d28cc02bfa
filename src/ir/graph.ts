import { invariant } from "../base/assert.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { OpError } from "./op.ts";
import type { State } from "./state.ts";
import { inputsOf, type Tensor } from "./tensor.ts";
import type { Warning } from "./trace.ts";

/** A traced function: all that is needed to compile it. */
export interface Graph {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** New values of states, stored when everything else has been computed. */
  readonly updates: ReadonlyMap<State, Tensor>;
  /** Every tensor that outputs and updates need, inputs before users. */
  readonly nodes: readonly Tensor[];
  /** What was odd while it was traced. */
  readonly warnings: readonly Warning[];
}

/** The graph of these results; its nodes are what they need, in order of creation. */
export function graphOf(
  inputs: ReadonlyMap<string, Tensor>,
  outputs: ReadonlyMap<string, Tensor>,
  updates: ReadonlyMap<State, Tensor> = new Map(),
  warnings: readonly Warning[] = [],
): Graph {
  const nodes = reachable([...outputs.values(), ...updates.values()]);
  const graph = { inputs, outputs, updates, nodes, warnings };
  verifyGraph(graph);
  return graph;
}

/** Every tensor that `roots` need and the roots themselves, inputs before users. */
export function reachable(roots: Iterable<Tensor>): Tensor[] {
  const seen = new Set<Tensor>();
  const stack = [...roots];
  for (let t = stack.pop(); t; t = stack.pop()) {
    if (seen.has(t)) continue;
    seen.add(t);
    stack.push(...inputsOf(t));
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** States that the graph reads or writes, in order of first appearance. */
export function statesOf(graph: Graph): State[] {
  const read = graph.nodes.flatMap((t) => (t.source.kind === "state" ? [t.source.state] : []));
  return [...new Set([...read, ...graph.updates.keys()])];
}

/** Users of each tensor. */
export function usersOf(graph: Graph): Map<Tensor, Tensor[]> {
  const users = new Map<Tensor, Tensor[]>(graph.nodes.map((t) => [t, []]));
  for (const t of graph.nodes) for (const x of new Set(inputsOf(t))) users.get(x)!.push(t);
  return users;
}

/** Graphs never change: what has been checked is not checked again. */
const verified = new WeakSet<Graph>();

/** Checks what every pass must keep. */
export function verifyGraph(graph: Graph): void {
  if (verified.has(graph)) return;
  const seen = new Set<Tensor>();
  for (const t of graph.nodes) {
    for (const x of inputsOf(t)) invariant(seen.has(x), () => `graph: a node stands before its input (tensor ${t.id})`);
    seen.add(t);
    if (t.source.kind === "input") {
      const { name } = t.source;
      if (graph.inputs.get(name) !== t) throw new OpError("compile", `the function uses an input "${name}" that is not its own`);
    }
    if (t.source.kind === "op") {
      const { name } = t.source.op;
      const type = t.source.op.infer(t.source.inputs, t.source.attrs);
      invariant(
        sameShape(type.shape, t.shape) && type.dtype === t.dtype,
        () => `graph: ${name} infers ${showShape(type.shape)} but node has ${showShape(t.shape)}`,
      );
    }
  }
  for (const [state, t] of graph.updates) {
    invariant(
      sameShape(state.shape, t.shape) && state.dtype === t.dtype,
      () => `graph: state ${state.name} ${showShape(state.shape)} updated by ${showShape(t.shape)}`,
    );
  }
  verified.add(graph);
}
