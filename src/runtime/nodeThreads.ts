/** Several threads in Node: worker_threads, and the calling thread as thread 0. */
import type { Worker } from "node:worker_threads";
import { ControlBlock, trapped } from "./control.ts";
import { type Engine, EngineState, type ThreadStart } from "./engine.ts";
import { EngineError } from "./engineError.ts";
import { NODE_THREAD } from "./threadSource.ts";

/** Starts threads 1 to T - 1 and waits until they are ready. */
export async function startNodeThreads(start: ThreadStart): Promise<Engine> {
  const crew = new Crew();
  try {
    const starting: Promise<void>[] = [];
    for (let thread = 1; thread < start.threads; thread++) starting.push(crew.start(start, thread));
    await Promise.all(starting);
  } catch (error) {
    await crew.end();
    throw new EngineError(`${start.threads} threads can not be started: ${(error as Error).message}`);
  }
  const { exports } = await WebAssembly.instantiate(start.module, { env: { memory: start.memory } });
  return new NodeEngine(start, crew, exports.go as (command: number) => void);
}

/** The workers of one engine. */
class Crew {
  readonly state: EngineState = new EngineState();
  readonly #workers: Worker[] = [];

  /** Resolves when the worker is ready. One that ends later without being told to stops the engine. */
  start({ module, memory, threads }: ThreadStart, thread: number): Promise<void> {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    return new Promise((resolve, reject) => {
      // execArgv: loaders and other flags of the main thread are of no use to a script that imports nothing.
      const w = new Worker(NODE_THREAD, { eval: true, name: `fovea ${thread}`, execArgv: [], workerData: { module, memory, thread } });
      this.#workers.push(w);
      w.once("message", (message) => {
        // From now on the worker does not keep the process alive. While it starts, it must.
        w.unref();
        if (message === "ready") resolve();
        else reject(new Error(message));
      });
      const died = (how: string): void => {
        reject(new Error(`thread ${thread} ${how}`));
        if (this.state.stopped) return;
        this.state.fail(`thread ${thread} of ${threads} ${how}`);
        void this.end();
      };
      w.once("error", (error) => died(`has died: ${error.message}`));
      w.once("exit", (code) => died(`has ended, exit code ${code}`));
    });
  }

  async end(): Promise<void> {
    this.state.close();
    await Promise.all(this.#workers.map((w) => w.terminate()));
  }
}

/** Ends the workers of engines that nobody has closed and nobody can reach any more. */
const unreachable = new FinalizationRegistry<Crew>((crew) => void crew.end());

class NodeEngine implements Engine {
  readonly memory: WebAssembly.Memory;
  readonly threads: number;
  readonly fallback: undefined;
  readonly #crew: Crew;
  readonly #go: (command: number) => void;
  readonly #control: ControlBlock;

  constructor(start: ThreadStart, crew: Crew, go: (command: number) => void) {
    this.memory = start.memory;
    this.threads = start.threads;
    this.#crew = crew;
    this.#go = go;
    this.#control = new ControlBlock(start.memory);
    unreachable.register(this, crew);
  }

  runSync(): void {
    const { state } = this.#crew;
    state.check();
    try {
      this.#go(1);
    } catch (error) {
      const what = this.#control.fault() ?? trapped(0, this.threads, (error as Error).stack ?? `${error}`);
      this.#control.poison();
      const failure = state.fail(what);
      void this.#crew.end();
      throw failure;
    }
  }

  async run(): Promise<void> {
    this.runSync();
  }

  close(): Promise<void> {
    return this.#crew.end();
  }
}
