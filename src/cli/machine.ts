/** Where a command runs its programs, and what the machine is. */
import { cpus } from "node:os";
import type { Command } from "commander";
import type { Backend } from "../backend/backend.ts";
import { reference } from "../backend/reference/backend.ts";
import { wasm } from "../runtime/wasm.ts";
import { UsageError } from "./failure.ts";
import { oneOf, threadCount } from "./options.ts";

/** Backends by name. A new one adds its line here. */
const BACKENDS = {
  wasm: (threads: number | undefined): Backend => wasm(threads === undefined ? {} : { threads }),
  reference: (threads: number | undefined): Backend => {
    if ((threads ?? 1) > 1) throw new UsageError(`--threads must be 1 with --backend reference, which has no more, got ${threads}`);
    return reference();
  },
} as const;

/** Options that say where to run. */
export interface MachineOptions {
  readonly backend: keyof typeof BACKENDS;
  readonly threads?: number;
}

/** Adds --backend and --threads. */
export const withMachine = (command: Command): Command =>
  command
    .option("--threads <n>", "threads; results have the same bits for every number (default: all cores)", threadCount)
    .option("--backend <name>", "wasm, or reference (slow, plain loops in double precision)", oneOf("--backend", backendNames()), "wasm");

const backendNames = (): readonly (keyof typeof BACKENDS)[] => Object.keys(BACKENDS) as (keyof typeof BACKENDS)[];

/** The backend that the options name. */
export const backendFor = ({ backend, threads }: MachineOptions): Backend => BACKENDS[backend](threads);

/** What describes this machine, for the record of a run. */
export const environment = (): Readonly<Record<string, string>> => ({
  Node: process.versions.node,
  V8: process.versions.v8,
  System: `${process.platform} ${process.arch}`,
  Processor: `${cpus()[0]?.model.trim() ?? "unknown"}, ${cpus().length} cores`,
});
