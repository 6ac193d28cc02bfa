/**
 * The scalar functions of the kernel language, each with its definition in f64. Backends emit their own code for them and
 * are tested against these.
 */
import { randomBits } from "./philox.ts";

export const UNARY = {
  neg: (x: number): number => -x,
  abs: (x: number): number => Math.abs(x),
  sqrt: (x: number): number => Math.sqrt(x),
  exp: (x: number): number => Math.exp(x),
  log: (x: number): number => Math.log(x),
  tanh: (x: number): number => Math.tanh(x),
  /** e^x - 1, and log(1 + x), with all their digits near zero, where the subtraction and the addition would lose them. */
  expm1: (x: number): number => Math.expm1(x),
  log1p: (x: number): number => Math.log1p(x),
  erf: (x: number): number => erf(x),
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
  /** Of integers alone: 32 random bits, a function of a counter and a key. */
  random: (counter: number, key: number): number => randomBits(counter, key),
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

/** The error function: 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. Within 1e-14. */
function erf(x: number): number {
  // Beyond, it differs from 1 by less than an f64 can say.
  if (Math.abs(x) >= 6) return Math.sign(x);
  // e^(-x^2) times a series of positive terms, so nothing cancels.
  let sum = x;
  let term = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
