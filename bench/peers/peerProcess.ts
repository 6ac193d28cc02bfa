/** A peer as a process that answers line by line; see peers/serve.mjs. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Item } from "./items.ts";
import { type Peer, threadLimits } from "./peers.ts";

/** A peer can not do what it was asked. The message is for the tables. */
export class Absence extends Error {}

/** Runs of one item, in milliseconds, and the processor time that the process used meanwhile. */
export interface WindowTimes {
  readonly times: readonly number[];
  readonly cpu: number;
}

/** The longest that anything may take: a preparation, or a window of one run. */
const LIMIT_MS = 40_000;

export class PeerProcess {
  readonly peer: Peer;
  readonly version: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(peer: Peer, child: ChildProcess, answers: AsyncIterator<string>, version: string) {
    this.peer = peer;
    this.#child = child;
    this.#answers = answers;
    this.version = version;
  }

  /** Throws an Absence if the peer is not there or does not start. */
  static async start(peer: Peer, threads: number): Promise<PeerProcess> {
    const command = peer.command("serve", threads);
    if (typeof command === "string") throw new Absence(command);
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...threadLimits(threads) },
    });
    // A process that has ended is noticed when its answers end.
    child.on("error", () => {});
    child.stdin!.on("error", () => {});
    let complaint = "";
    child.stderr!.on("data", (text) => (complaint = `${complaint}${text}`.slice(-2000)));
    const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    try {
      const { version } = await answer<{ version: string }>(child, answers);
      return new PeerProcess(peer, child, answers, version);
    } catch (error) {
      child.kill("SIGKILL");
      const lines = complaint.split("\n").filter((line) => /error/i.test(line));
      throw new Absence(`does not start: ${lines[0] ?? (error as Error).message}`.slice(0, 160));
    }
  }

  async prepare(item: Item): Promise<void> {
    await this.#ask({ prepare: item });
  }

  /** Runs for at least so long. */
  window(ms: number): Promise<WindowTimes> {
    return this.#ask<WindowTimes>({ window: ms });
  }

  async peakBytes(): Promise<number> {
    return (await this.#ask<{ peakBytes: number }>({ usage: true })).peakBytes;
  }

  /** Whether it still answers. */
  get alive(): boolean {
    return this.#child.exitCode === null && !this.#child.killed;
  }

  end(): void {
    this.#child.stdin!.end();
    this.#child.kill();
  }

  #ask<T>(message: object): Promise<T> {
    this.#child.stdin!.write(`${JSON.stringify(message)}\n`);
    return answer<T>(this.#child, this.#answers);
  }
}

/** The next line of JSON; libraries print other lines too. */
async function answer<T>(child: ChildProcess, lines: AsyncIterator<string>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Absence(`takes over ${LIMIT_MS / 1000} s`));
    }, LIMIT_MS);
  });
  try {
    for (;;) {
      const { value, done } = await Promise.race([lines.next(), late]);
      if (done) throw new Absence("the process has ended");
      if (!value.startsWith("{")) continue;
      const message = JSON.parse(value) as { readonly absent?: string };
      if (message.absent !== undefined) throw new Absence(message.absent);
      return message as T;
    }
  } finally {
    clearTimeout(timer);
  }
}
