/**
 * Runs a program on one thread or several. One thread needs nothing: no worker, no shared memory. Several share one memory
 * and one module; in Node the calling thread is thread 0, in a browser an engine worker is, because a page must not block.
 */
import { pagesFor } from "../backend/wasm/program.ts";
import { startBrowserThreads } from "./browserThreads.ts";
import { ControlBlock, trapped } from "./control.ts";
import { type Engine, EngineState } from "./engine.ts";
import { EngineError } from "./engineError.ts";
import { startNodeThreads } from "./nodeThreads.ts";

export interface EngineOptions {
  /** Emits the module, with or without support for several threads. Called once, unless threads turn out to be refused. */
  readonly emit: (shared: boolean) => Uint8Array<ArrayBuffer>;
  /** Bytes of memory with the control block, as the module was told. */
  readonly memoryBytes: number;
  /** Default: all cores, at most 16. 1 never starts a worker. */
  readonly threads?: number;
  /** After how long a thread that does not come counts as dead: longer than any one kernel takes. Default 30,000. */
  readonly timeoutMs?: number;
  /** How often a waiting thread polls before it sleeps, about 1.2 ns each. Default 100,000, or 0 if threads outnumber cores. */
  readonly spin?: number;
}

export const MAX_THREADS = 64;
const DEFAULT_MAX_THREADS = 16;
/** Polls that last 120 us: longer than a wake-up takes, else one thread's sleep makes the next one sleep too. */
const SPIN = 100_000;

const inNode = (): boolean => typeof process !== "undefined" && process.versions?.node !== undefined;

/** Cores this process may use. */
export function availableCores(): number {
  // Not an import: bundlers for browsers must find no trace of Node's modules.
  if (inNode()) return process.getBuiltinModule("node:os").availableParallelism();
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** How many threads these options ask for. Fails with an EngineError. */
export function threadsOf(options: Pick<EngineOptions, "threads">): number {
  const threads = options.threads ?? Math.min(availableCores(), DEFAULT_MAX_THREADS);
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return threads;
  throw new EngineError(`threads must be a whole number from 1 to ${MAX_THREADS}, got ${threads}`);
}

/** Loads a program and starts its threads. Fails with an EngineError. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const threads = threadsOf(options);
  if (threads === 1) return startAlone(options, undefined);
  const node = inNode();
  // A shared memory can be constructed without isolation, but then not be sent to a worker: only this flag tells.
  if (!node && !globalThis.crossOriginIsolated) {
    return startAlone(options, "the page is not cross-origin isolated (headers COOP: same-origin and COEP: require-corp)");
  }
  const memory = allocate(options.memoryBytes, true);
  const module = await WebAssembly.compile(options.emit(true));
  const spin = options.spin ?? (threads <= availableCores() ? SPIN : 0);
  new ControlBlock(memory).initialise(threads, { spin, timeoutMs: options.timeoutMs ?? 30_000 });
  const start = { module, memory, threads };
  return node ? startNodeThreads(start) : startBrowserThreads(start, (why) => startAlone(options, why));
}

/** Memory of so many bytes, in whole pages. Fails with an EngineError. */
export function allocate(bytes: number, shared: boolean): WebAssembly.Memory {
  const pages = pagesFor(bytes);
  if (pages > 65536)
    throw new EngineError(`the program takes ${bytes} bytes of memory, but WebAssembly ends at 4 GiB. Use a smaller batch`);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (error) {
    throw new EngineError(`${pages * 64} KiB of memory can not be had: ${(error as Error).message}`);
  }
}

async function startAlone(options: EngineOptions, fallback: string | undefined): Promise<Engine> {
  const memory = allocate(options.memoryBytes, false);
  const { instance } = await WebAssembly.instantiate(options.emit(false), { env: { memory } });
  const step = instance.exports.run as (thread: number) => void;
  const state = new EngineState();
  const runSync = (): void => {
    state.check();
    try {
      step(0);
    } catch (error) {
      throw state.fail(trapped(0, 1, (error as Error).stack ?? `${error}`));
    }
  };
  return { memory, threads: 1, fallback, runSync, run: async () => runSync(), close: async () => state.close() };
}
