import type { Kernel } from "../../kernel/kernel.ts";
import { lowerGeneric } from "./generic.ts";
import type { LoweredKernel } from "./lowered.ts";

/** The WebAssembly function of an addressed kernel. */
export function lowerKernel(k: Kernel): LoweredKernel {
  return lowerGeneric(k);
}
