import { FormatError } from "../base/formatError.ts";
import { WriteError } from "../base/writeFileAtomic.ts";
import { DataError } from "../data/dataError.ts";
import { OpError } from "../ir/op.ts";
import { EngineError } from "../runtime/engineError.ts";
import { RunFolderError } from "../train/runFolder.ts";

/** An option or argument that makes no sense: exit code 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** Something else that the user can mend: exit code 1. */
export class Failure extends Error {
  override readonly name: string = "Failure";
}

const EXPECTED = [UsageError, Failure, DataError, FormatError, WriteError, OpError, EngineError, RunFolderError];

/** One line that says what went wrong. A fault nobody foresaw says how to see where it comes from. */
export function messageOf(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, "; ");
  if (EXPECTED.some((type) => error instanceof type)) return message;
  return `${message || "something went wrong"} (an internal fault; --debug shows where)`;
}

export const exitCodeOf = (error: unknown): number => (error instanceof UsageError ? 2 : 1);
