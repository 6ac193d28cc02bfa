import { FunctionBuilder } from "../backend/wasm/function.ts";
import { assembleModule } from "../backend/wasm/module.ts";
import { EngineError } from "./engineError.ts";

/** Whether this engine has WebAssembly's relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  const f = new FunctionBuilder("probe", ["i32"]);
  for (let i = 0; i < 3; i++) f.f32x4(0);
  f.op("f32x4.relaxed_madd").drop();
  return WebAssembly.validate(assembleModule({ exports: { probe: f } }));
}

/** Throws an EngineError where relaxed SIMD is missing. */
export function requireRelaxedSimd(): void {
  if (hasRelaxedSimd()) return;
  throw new EngineError(
    "fast: true needs WebAssembly's relaxed SIMD, which this engine lacks. Use Node 22 or later, start Node 20 with " +
      "--experimental-wasm-relaxed-simd, or leave fast out",
  );
}
