import type { Backend } from "../backend/backend.ts";
import { wasm } from "../runtime/wasm.ts";

/** Where programs run. */
export interface RunsOn {
  /** Default: WebAssembly. */
  readonly backend?: Backend;
  /** Threads of the default backend. Default: all cores. Results have the same bits for every number. */
  readonly threads?: number;
}

/** The backend these options ask for. */
export const backendOf = ({ backend, threads }: RunsOn): Backend => backend ?? wasm(threads === undefined ? {} : { threads });
