import { EngineError } from "./engineError.ts";

/** A program that is loaded and can run. JavaScript may touch its memory between runs, not during one. */
export interface Engine {
  readonly memory: WebAssembly.Memory;
  /** Threads that work on each run. */
  readonly threads: number;
  /** Why there is one thread where more were wanted; undefined if all is as wanted. */
  readonly fallback: string | undefined;
  /** One run. Rejects with an EngineError if a thread fails; the engine is then closed for good. */
  run(): Promise<void>;
  /** The same, blocking; absent where the caller must not block: in browsers with several threads. */
  runSync?(): void;
  /** Ends all threads. Optional: neither the process nor the garbage collector waits for it. */
  close(): Promise<void>;
}

/** What several threads are started with. The control block in `memory` is written. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly threads: number;
}

/** Whether an engine still runs; if not, why. */
export class EngineState {
  #stopped: string | undefined;

  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Throws if the engine has stopped. */
  check(): void {
    if (this.#stopped !== undefined) throw new EngineError(this.#stopped);
  }

  /** Notes a failure, of which the first counts, and gives the error to throw. */
  fail(what: string): EngineError {
    this.#stopped ??= `it has stopped: ${what}`;
    return new EngineError(`${what}. What the program's memory held is lost: compile it again`);
  }

  close(): void {
    this.#stopped ??= "it is closed";
  }
}
