import type { NdArray } from "../base/ndarray.ts";
import type { Graph } from "../ir/graph.ts";
import type { MemoryReport } from "../plan/memoryReport.ts";

export type { MemoryReport };

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
