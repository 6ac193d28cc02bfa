import { present } from "../../base/assert.ts";
import type { NdArray } from "../../base/ndarray.ts";
import { sizeOf } from "../../base/shape.ts";
import { type Graph, statesOf } from "../../ir/graph.ts";
import type { State } from "../../ir/state.ts";
import type { MemoryReport } from "../../plan/memoryReport.ts";
import type { Backend, Executable } from "../backend.ts";
import { interpret, rounded } from "./interpret.ts";

/**
 * Plain loops in f64. States keep their f64 values between runs, so that many steps can be compared with a double-precision
 * reference; what leaves the program is rounded.
 */
export const reference = (): Backend => ({ name: "reference", compile: async (graph) => new Interpreter(graph) });

class Interpreter implements Executable {
  readonly threads = 1;
  readonly memory: MemoryReport;
  readonly #graph: Graph;
  readonly #states = new Map<State, { data: Float64Array; version: number }>();

  constructor(graph: Graph) {
    this.#graph = graph;
    const bytes = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0) * 8;
    const weights = bytes(statesOf(graph).map((s) => sizeOf(s.shape)));
    const activations = bytes(graph.nodes.filter((t) => t.source.kind !== "state").map((t) => sizeOf(t.shape)));
    this.memory = { weights, activations, gradients: 0, optimizer: 0, scratch: 0, total: weights + activations };
  }

  async run(inputs: ReadonlyMap<string, NdArray>): Promise<Map<string, NdArray>> {
    const values = interpret(this.#graph, (t) =>
      t.source.kind === "state"
        ? this.#read(t.source.state)
        : Float64Array.from(present(inputs.get(t.source.kind === "input" ? t.source.name : ""), "an input").data),
    );
    const data = (t: Parameters<typeof values.get>[0]): Float64Array => present(values.get(t), "a value").data;
    const outputs = new Map([...this.#graph.outputs].map(([name, t]) => [name, rounded(t, data(t))]));
    for (const [state, t] of this.#graph.updates) {
      state.moveTo(this);
      this.#states.set(state, { data: data(t), version: state.version });
    }
    return outputs;
  }

  #read(state: State): Float64Array {
    const own = this.#states.get(state);
    if (own?.version === state.version) return own.data;
    const data = Float64Array.from(state.read().data);
    this.#states.set(state, { data, version: state.version });
    return data;
  }

  fetch(state: State): NdArray {
    return rounded(state, present(this.#states.get(state), `state ${state.name}`).data);
  }

  async close(): Promise<void> {
    for (const state of this.#states.keys()) state.leave(this);
  }
}
