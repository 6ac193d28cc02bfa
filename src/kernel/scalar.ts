/**
 * The scalar functions of the kernel language, each with its definition in f64. Backends emit their own code for them and
 * are tested against these.
 */

export const UNARY = {
  neg: (x: number): number => -x,
  abs: (x: number): number => Math.abs(x),
  sqrt: (x: number): number => Math.sqrt(x),
  exp: (x: number): number => Math.exp(x),
  log: (x: number): number => Math.log(x),
  tanh: (x: number): number => Math.tanh(x),
  floor: (x: number): number => Math.floor(x),
} as const;
export type UnaryFn = keyof typeof UNARY;

export const BINARY = {
  add: (a: number, b: number): number => a + b,
  sub: (a: number, b: number): number => a - b,
  mul: (a: number, b: number): number => a * b,
  div: (a: number, b: number): number => a / b,
  /** NaN if either is, as in PyTorch. */
  max: (a: number, b: number): number => Math.max(a, b),
  min: (a: number, b: number): number => Math.min(a, b),
} as const;
export type BinaryFn = keyof typeof BINARY;

/** Comparisons give a mask, which only `select` takes. All are false where either side is NaN, except ne. */
export const COMPARE = {
  eq: (a: number, b: number): boolean => a === b,
  ne: (a: number, b: number): boolean => a !== b,
  lt: (a: number, b: number): boolean => a < b,
  le: (a: number, b: number): boolean => a <= b,
  gt: (a: number, b: number): boolean => a > b,
  ge: (a: number, b: number): boolean => a >= b,
} as const;
export type CompareFn = keyof typeof COMPARE;

/**
 * How the terms of a reduction combine, in loop order. `argmax` gives the position (i32, in loop order) of the first largest
 * term, or of the first NaN; of no terms all give `START`.
 */
export type Combine = "sum" | "max" | "min" | "argmax";
export const START: { readonly [C in Combine]: number } = { sum: 0, max: -Infinity, min: Infinity, argmax: 0 };
