/**
 * What only a process of its own can tell, of one network: `oneNetwork MODEL N PASS BACKEND THREADS` compiles it, runs it a few times, and
 * prints a line of JSON.
 */
import { BACKENDS, isBackendName } from "../tools/backends.ts";
import { countModuleBytes } from "./moduleBytes.ts";
import { peakMemory } from "./peakMemory.ts";
import { networkProgram } from "./programs.ts";

/** As printed. */
export interface OneNetwork {
  /** From the traced function to a program that can run, the first that this process has compiled. */
  readonly compileMs: number;
  readonly moduleBytes: number;
  readonly peakBytes: number;
}

/** Enough for V8 to hold its machine code twice: that of its first compiler and that of its second. */
const RUNS = 5;

const [model = "", n, pass, backend = "", threads] = process.argv.slice(2);
const make = isBackendName(backend) ? BACKENDS[backend] : undefined;
if (!make) throw new Error(`there is no backend ${backend}`);
const moduleBytes = countModuleBytes();
const program = await networkProgram(make(Number(threads)), { model, n: Number(n) }, pass as "fwd" | "step");
for (let i = 0; i < RUNS; i++) await program.run();
await program.close();
console.log(JSON.stringify({ compileMs: program.compileMs, moduleBytes: moduleBytes(), peakBytes: peakMemory() } satisfies OneNetwork));
