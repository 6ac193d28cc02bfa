/** The backends that tools, laws and benchmarks run on: one line each. */
import { type Backend, reference, wasm } from "../src/index.ts";

export type BackendName = "reference" | "wasm" | "webgpu";

/** How to make each backend; undefined for one that does not exist yet. */
export const BACKENDS: { readonly [N in BackendName]: ((threads: number) => Backend) | undefined } = {
  reference: () => reference(),
  wasm: (threads) => wasm({ threads }),
  webgpu: undefined,
};

export const isBackendName = (name: string): name is BackendName => name in BACKENDS;
