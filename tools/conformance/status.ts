/** What became of one golden case. */
export interface Outcome {
  readonly suite: string;
  readonly name: string;
  readonly op: string;
  readonly status: "passed" | "failed" | "unsupported";
  /** Why it did not pass. */
  readonly error: string | null;
}

/** A case asks for what the library does not offer yet. It counts as such, never as passed. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/** Runs one case; what it throws decides the outcome. */
export async function outcomeOf(suite: string, name: string, op: string, run: () => Promise<void>): Promise<Outcome> {
  try {
    await run();
    return { suite, name, op, status: "passed", error: null };
  } catch (error) {
    const status = error instanceof Unsupported ? "unsupported" : "failed";
    return { suite, name, op, status, error: error instanceof Error ? error.message : String(error) };
  }
}
