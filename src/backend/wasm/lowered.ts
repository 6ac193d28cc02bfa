import type { Buffer } from "../../kernel/expr.ts";
import { buffersRead, type Kernel } from "../../kernel/kernel.ts";
import type { FunctionBuilder } from "./function.ts";

/** A kernel as a WebAssembly function. */
export interface LoweredKernel {
  /** Takes the byte address of each of `buffers`, then lo and hi: does the items lo <= i < hi. All i32. */
  readonly fn: FunctionBuilder;
  /** The outputs first, then what else is read, then scratch. */
  readonly buffers: readonly Buffer[];
  /** Whether before lo it also takes whether sums start from zero, rather than go on from what the output holds. */
  readonly resumes?: boolean;
  /** Independent pieces of work. Each writes its own elements; the bits do not depend on how they are divided. */
  readonly items: number;
}

/** The buffers of a lowered kernel, or of siblings, in the order of its parameters. Each stands once; scratch comes last. */
export const kernelBuffers = (...kernels: readonly Kernel[]): Buffer[] => [
  ...new Set([...kernels.map((k) => k.out), ...kernels.flatMap(buffersRead), ...kernels.flatMap((k) => k.transform?.scratch ?? [])]),
];
