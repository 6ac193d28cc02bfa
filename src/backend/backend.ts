import type { NdArray } from "../base/ndarray.ts";
import type { Graph } from "../ir/graph.ts";

/** Exact bytes a program needs, known before anything runs. */
export interface MemoryReport {
  /** Parameters and other states that gradients are taken by. */
  readonly weights: number;
  /** Values of the forward pass, at the moment of their largest sum. */
  readonly activations: number;
  /** Values of the backward pass, likewise. */
  readonly gradients: number;
  /** States that only updates use: momentum, running moments. */
  readonly optimizer: number;
  /** Inputs and outputs, packed weights, padded copies, partial sums, the control block. */
  readonly scratch: number;
  /** The sum of all, which is what the arena allocates. */
  readonly total: number;
}

/** A compiled graph. */
export interface Executable {
  readonly memory: MemoryReport;
  /** Threads that work on each run. */
  readonly threads: number;
  /** One run: reads inputs and states, gives outputs, moves updated states to itself. */
  run(inputs: ReadonlyMap<string, NdArray>): Promise<Map<string, NdArray>>;
  /** Gives states back and ends threads. A program that is not closed keeps nobody from exiting. */
  close(): Promise<void>;
}

/** What turns a graph into something that runs. */
export interface Backend {
  readonly name: string;
  compile(graph: Graph): Promise<Executable>;
}
