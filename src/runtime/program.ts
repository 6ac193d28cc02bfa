import type { Executable } from "../backend/backend.ts";
import type { DType, TypedArrayOf } from "../base/dtype.ts";
import { NdArray } from "../base/ndarray.ts";
import { showShape, sizeOf } from "../base/shape.ts";
import type { Graph } from "../ir/graph.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Warning } from "../ir/trace.ts";
import type { MemoryReport } from "../plan/memoryReport.ts";
import type { InputSpec, Outputs } from "./compile.ts";

/** Numbers for one input: an array with or without its shape, or a number for a scalar. */
export type InputValue = NdArray | TypedArrayOf[DType] | readonly number[] | number;

type Results<O> = O extends Tensor ? { readonly output: NdArray } : { readonly [K in keyof O]: NdArray };

/** A compiled function. It owns its memory; nothing has to be disposed of. */
export class Program<I extends Readonly<Record<string, InputSpec>> = Readonly<Record<string, InputSpec>>, O extends Outputs = Outputs> {
  /** The graph as traced. */
  readonly graph: Graph;
  readonly #executable: Executable;
  #busy = false;

  /** @internal */
  constructor(graph: Graph, executable: Executable) {
    this.graph = graph;
    this.#executable = executable;
  }

  /** Exact bytes by purpose; `total` is what was allocated. */
  get memory(): MemoryReport {
    return this.#executable.memory;
  }

  /** What was odd while the function was traced: pixels that no window reads, say. */
  get warnings(): readonly Warning[] {
    return this.graph.warnings;
  }

  /** Threads that work on each run. */
  get threads(): number {
    return this.#executable.threads;
  }

  /** One run. Fails with an OpError if an input is missing or has the wrong number of elements. */
  async run(inputs: { readonly [K in keyof I]: InputValue }): Promise<Results<O>> {
    if (this.#busy) throw new OpError("run", "the program is running already. Await the previous run");
    const given = new Map<string, NdArray>();
    for (const [name, t] of this.graph.inputs) given.set(name, inputArray(name, t, inputs[name as keyof I]));
    for (const name of Object.keys(inputs)) {
      if (!this.graph.inputs.has(name))
        throw new OpError("run", `there is no input "${name}". The inputs are ${[...this.graph.inputs.keys()].join(", ")}`);
    }
    this.#busy = true;
    try {
      return Object.fromEntries(await this.#executable.run(given)) as Results<O>;
    } finally {
      this.#busy = false;
    }
  }

  /** Ends threads and gives states back. Optional: a program that is simply dropped is collected like any object. */
  close(): Promise<void> {
    return this.#executable.close();
  }
}

function inputArray(name: string, t: Tensor, value: InputValue | undefined): NdArray {
  if (value === undefined) throw new OpError("run", `input "${name}" is missing. It takes ${t.dtype} ${showShape(t.shape)}`);
  if (value instanceof NdArray) {
    if (value.dtype === t.dtype && value.data.length === sizeOf(t.shape)) return value;
    throw new OpError("run", `input "${name}" takes ${t.dtype} ${showShape(t.shape)}, got ${value.dtype} ${showShape(value.shape)}`);
  }
  const numbers = typeof value === "number" ? [value] : value;
  if (numbers.length !== sizeOf(t.shape)) {
    throw new OpError("run", `input "${name}" takes ${sizeOf(t.shape)} numbers (${showShape(t.shape)}), got ${numbers.length}`);
  }
  const array = new NdArray(t.dtype, t.shape);
  array.data.set(numbers);
  return array;
}
