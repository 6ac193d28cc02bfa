import type { Kernel } from "../../kernel/kernel.ts";
import { lowerContraction } from "./contraction.ts";
import { lowerGeneric } from "./generic.ts";
import type { LoweredKernel } from "./lowered.ts";
import { lowerTransform } from "./transform.ts";

/** The WebAssembly function of an addressed kernel, or of siblings. */
export function lowerKernel(...kernels: readonly Kernel[]): LoweredKernel {
  const [k, ...siblings] = kernels;
  return (siblings.length === 0 && k && (lowerContraction(k) ?? lowerTransform(k))) || lowerGeneric(...kernels);
}
