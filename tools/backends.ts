/** The backends that tools, laws and benchmarks run on: one line each. */
import { type Backend, reference, wasm } from "../src/index.ts";

export type BackendName = "reference" | "wasm" | "webgpu";

/** Makes a backend; its convolutions by algorithms that it chooses (the default), or by direct sums alone. */
type MakeBackend = (threads: number, convolution?: "auto" | "direct") => Backend;

/** How to make each backend; undefined for one that does not exist yet. */
export const BACKENDS: { readonly [N in BackendName]: MakeBackend | undefined } = {
  reference: () => reference(),
  wasm: (threads, convolution = "auto") => wasm({ threads, convolution }),
  webgpu: undefined,
};

export const isBackendName = (name: string): name is BackendName => name in BACKENDS;
