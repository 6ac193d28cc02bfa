import type { Kernel } from "../../kernel/kernel.ts";
import { lowerContraction } from "./contraction.ts";
import { lowerGeneric } from "./generic.ts";
import type { LoweredKernel } from "./lowered.ts";
import { lowerTransform } from "./transform.ts";

export interface LoweringOptions {
  /** Whether sums of products may take fused multiply-add, whose rounding depends on the processor. Default false. */
  readonly fused?: boolean;
}

/** Gives the WebAssembly function of an addressed kernel, or of siblings. */
export const lowering =
  ({ fused = false }: LoweringOptions) =>
  (...kernels: readonly Kernel[]): LoweredKernel => {
    const [k, ...siblings] = kernels;
    return (siblings.length === 0 && k && (lowerContraction(k, fused) ?? lowerTransform(k))) || lowerGeneric(...kernels);
  };

/** The same bits on every processor. */
export const lowerKernel: (...kernels: readonly Kernel[]) => LoweredKernel = lowering({});
