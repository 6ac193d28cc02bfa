import { sameShape, showShape } from "../../src/base/shape.ts";
import type { NdArray } from "../../src/index.ts";

/** How far a tensor may be from the truth: max(absolute, relative * largest magnitude of the truth). */
export interface Bound {
  readonly absolute: number;
  readonly relative: number;
}

/** Says what is wrong with `actual`, or nothing if every element is within the bound. Integers and non-finite values must be equal. */
export function difference(what: string, actual: NdArray | undefined, expected: NdArray, bound: Bound): string | undefined {
  if (!actual) return `${what} is missing`;
  if (!sameShape(actual.shape, expected.shape)) return `${what} must be ${showShape(expected.shape)}, got ${showShape(actual.shape)}`;
  if (actual.dtype !== expected.dtype) return `${what} must be ${expected.dtype}, got ${actual.dtype}`;
  const largest = Array.from(expected.data, Math.abs).reduce((m, t) => (t < Infinity ? Math.max(m, t) : m), 0);
  const allowed = expected.dtype === "f32" ? Math.max(bound.absolute, bound.relative * largest) : 0;
  let worst = { i: -1, error: allowed };
  expected.data.forEach((t: number, i: number) => {
    const a = actual.data[i]!;
    if (Object.is(a, t) || a === t) return;
    const distance = Math.abs(a - t);
    const error = Number.isFinite(distance) ? distance : Infinity;
    if (error > worst.error) worst = { i, error };
  });
  if (worst.i < 0) return undefined;
  const [a, t] = [actual.data[worst.i], expected.data[worst.i]];
  return `${what}[${worst.i}] must be ${t} within ${allowed.toPrecision(3)}, got ${a}`;
}
