import { OpError } from "../../ir/op.ts";

/** Throws an OpError unless `value` is a whole number of at least `least`. */
export function checkSteps(op: string, what: string, value: number, least = 1): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new OpError(op, `${what} must be a whole number of at least ${least}, got ${value}`);
}
