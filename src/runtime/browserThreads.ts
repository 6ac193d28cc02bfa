/** Several threads in a browser: an engine worker, which is thread 0, and its nested workers. The caller only awaits it. */
import { ControlBlock } from "./control.ts";
import { type Engine, EngineState, type ThreadStart } from "./engine.ts";
import { BROWSER_WORKER } from "./threadSource.ts";

/** Starts the engine worker and, through it, the other threads; `alone` where the page's security policy refuses them. */
export async function startBrowserThreads(start: ThreadStart, alone: (why: string) => Promise<Engine>): Promise<Engine> {
  const url = URL.createObjectURL(new Blob([BROWSER_WORKER], { type: "text/javascript" }));
  let worker: Worker | undefined;
  try {
    worker = new Worker(url, { name: "fovea engine" });
    const answer = await ask(worker, { ...start, url });
    if (answer !== "ready") throw new Error(answer);
    return new BrowserEngine(start, worker);
  } catch (error) {
    worker?.terminate();
    return alone(`workers can not be started (${(error as Error).message}); a content security policy must allow worker-src blob:`);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Sends a message and waits for the answer. */
function ask(worker: Worker, message: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message || "the worker was refused"));
    worker.postMessage(message);
  });
}

/** Ends the threads of engines that nobody has closed and nobody can reach any more. */
const unreachable = new FinalizationRegistry<Worker>((worker) => worker.terminate());

class BrowserEngine implements Engine {
  readonly memory: WebAssembly.Memory;
  readonly threads: number;
  readonly fallback: undefined;
  readonly #worker: Worker;
  readonly #state: EngineState = new EngineState();
  readonly #control: ControlBlock;

  constructor(start: ThreadStart, worker: Worker) {
    this.memory = start.memory;
    this.threads = start.threads;
    this.#worker = worker;
    this.#control = new ControlBlock(start.memory);
    unreachable.register(this, worker);
  }

  async run(): Promise<void> {
    this.#state.check();
    const answer = await ask(this.#worker, "run").catch((error: Error) => error.message);
    if (answer === "done") return;
    // This ends the nested workers too.
    this.#worker.terminate();
    throw this.#state.fail(this.#control.fault() ?? `the engine's worker has died: ${answer}`);
  }

  async close(): Promise<void> {
    // Threads that live leave in order. Those of an engine that has failed are terminated already.
    if (!this.#state.stopped) this.#worker.postMessage("close");
    this.#state.close();
  }
}
