import type { Backend } from "../../backend/backend.ts";
import { wasm } from "../../runtime/wasm.ts";

/** What everything that looks into a network takes. */
export interface ExplainOptions {
  /** Where it runs. Default: WebAssembly on one thread. The bits are the same for every number of threads. */
  readonly backend?: Backend;
}

/** The backend these options ask for. */
export const backendOf = ({ backend }: ExplainOptions): Backend => backend ?? wasm({ threads: 1 });
