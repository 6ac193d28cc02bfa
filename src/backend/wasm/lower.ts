import type { Kernel } from "../../kernel/kernel.ts";
import { lowerContraction } from "./contraction.ts";
import { lowerGeneric } from "./generic.ts";
import type { LoweredKernel } from "./lowered.ts";
import { lowerTransform } from "./transform.ts";

/** The WebAssembly function of an addressed kernel. */
export const lowerKernel = (k: Kernel): LoweredKernel => lowerContraction(k) ?? lowerTransform(k) ?? lowerGeneric(k);
