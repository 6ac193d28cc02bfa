/**
 * Fails on a fault of the library itself. Faults of a user's input are OpError, FormatError and the like. Where a condition is checked very
 * often, `message` is a function, so that its words are put together only when it fails.
 */
export function invariant(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new Error(`internal fault: ${typeof message === "string" ? message : message()}. Please report it.`);
}

/** `value`, which the surrounding logic says is there. */
export function present<T>(value: T | undefined | null, what: string): T {
  invariant(value !== undefined && value !== null, `${what} is missing`);
  return value;
}
