import { setFlagsFromString } from "node:v8";
import { hasRelaxedSimd } from "../../src/runtime/relaxedSimd.ts";

/** Switches relaxed SIMD on where it is behind a flag; modules that are compiled afterwards may use it. */
export function enableRelaxedSimd(): void {
  if (!hasRelaxedSimd()) setFlagsFromString("--experimental-wasm-relaxed-simd");
}
