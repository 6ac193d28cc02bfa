import type { Terminal } from "./terminal.ts";

/** What a shell expects of a program that a signal ended. */
const EXIT: { readonly [S in "SIGINT" | "SIGTERM"]: number } = { SIGINT: 130, SIGTERM: 143 };

/** Whether somebody wants the program to end. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** What to exit with then. */
  readonly exitCode: number;
}

/**
 * Runs work that can be ended early. Ctrl-C asks it to by the signal, and says so; a second one ends the process at once.
 */
export async function interruptible<T>(terminal: Terminal, work: (interruption: Interruption) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interruption = { signal: controller.signal, exitCode: 0 };
  const listen = (name: keyof typeof EXIT) => (): void => {
    if (controller.signal.aborted) process.exit(EXIT[name]);
    interruption.exitCode = EXIT[name];
    terminal.line("Stopping after this step. Ctrl-C again stops at once, unsaved.");
    controller.abort();
  };
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => [name, listen(name)] as const);
  for (const [name, listener] of listeners) process.on(name, listener);
  try {
    return await work(interruption);
  } finally {
    for (const [name, listener] of listeners) process.off(name, listener);
  }
}
