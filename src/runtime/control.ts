import { CONTROL, CONTROL_BYTES, TIMED_OUT } from "../backend/wasm/barrier.ts";

/** How the threads of an engine wait for each other. */
export interface Waiting {
  /** Polls before a thread sleeps. */
  readonly spin: number;
  /** Milliseconds after which a thread that does not come counts as dead; Infinity for never. */
  readonly timeoutMs: number;
}

/** The control block at the bottom of a program's memory, from JavaScript's side. */
export class ControlBlock {
  readonly #words: Int32Array;
  readonly #memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#words = new Int32Array(memory.buffer, 0, CONTROL_BYTES / 4);
  }

  /** Sets the words that are written before the start. */
  initialise(threads: number, { spin, timeoutMs }: Waiting): void {
    this.#words.fill(0);
    this.#words[CONTROL.threads / 4] = threads;
    this.#words[CONTROL.spin / 4] = spin;
    const nanoseconds = timeoutMs === Infinity ? -1n : BigInt(Math.round(timeoutMs * 1e6));
    new DataView(this.#memory.buffer).setBigInt64(CONTROL.timeout, nanoseconds, true);
  }

  /** Makes every thread that waits, or is going to, trap; thread 0 is to blame if nobody is. */
  poison(): void {
    Atomics.compareExchange(this.#words, CONTROL.fault / 4, 0, 1);
    Atomics.or(this.#words, CONTROL.generation / 4, -0x80000000);
    Atomics.notify(this.#words, CONTROL.generation / 4);
  }

  /** Whether a thread has waited for another in vain. */
  get timedOut(): boolean {
    return this.#fault === TIMED_OUT;
  }

  /** What the threads themselves have found to be wrong, if anything. */
  fault(): string | undefined {
    const threads = this.#words[CONTROL.threads / 4]!;
    if (this.timedOut) {
      const seconds = Number(new DataView(this.#memory.buffer).getBigInt64(CONTROL.timeout, true)) / 1e9;
      return `one of ${threads} threads has not come for ${seconds} s: it is dead, or one kernel takes longer than that`;
    }
    return this.#fault === 0 ? undefined : trapped(this.#fault - 1, threads, this.#note());
  }

  get #fault(): number {
    return Atomics.load(this.#words, CONTROL.fault / 4);
  }

  #note(): string {
    const bytes = new Uint8Array(this.#memory.buffer, CONTROL.note + 4, this.#words[CONTROL.note / 4]);
    // A decoder takes no shared memory: copy.
    return new TextDecoder().decode(bytes.slice());
  }
}

/** `thread 1 of 4 trapped: unreachable in conv_4x8`, from the stack trace of the trap. */
export function trapped(thread: number, threads: number, stack: string): string {
  const message = stack.split("\n", 1)[0]!.replace(/^\w*Error: /, "");
  const kernel = /^\s*at (?:\w+\.)*([\w$]+) \(wasm:/m.exec(stack)?.[1];
  return `thread ${thread} of ${threads} trapped: ${message}${kernel ? ` in ${kernel}` : ""}`;
}
