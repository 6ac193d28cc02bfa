/**
 * Shapes as far as they are known, twice: in the type system, where `number` is a size the compiler does not know and
 * `readonly number[]` a rank it does not know, and at run time, where both are undefined. The two sides of each rule stand
 * side by side, so that a network is judged in the same words by the editor, at construction and while tracing.
 *
 * Four rules keep generic helpers (`function block<C extends number>(c: C)`) free of false errors, because TypeScript
 * relates a source to a deferred conditional type by its true branch unless the test definitely fails:
 *
 * 1. "Bad" is said as `"message" extends keyof Bad ? Bad["message"] : Ok`, Bad being `{}` or `{ message }` (`Unless`).
 * 2. A test of a size is wrapped, and true means OK: `[number] extends [A | B]`, `[A] extends [B]`.
 * 3. No constraint on `infer`, nor on X, where a size may be generic.
 * 4. The evaluator tells an error from a shape by `Y extends string`, never by `Y extends Shape`.
 */
import type { Shape } from "../../base/shape.ts";
import type { Mul } from "./arith.ts";

export type { Shape };

/** A function from shapes to shapes: `in` is intersected in, `out` is read off. A string `out` is a message for the user. */
export interface ShapeFn {
  readonly in: unknown;
  readonly out: unknown;
}
/** What the shape function F makes of X. */
export type Apply<F extends ShapeFn, X> = (F & { readonly in: X })["out"];

/** The shape function of every layer that keeps its input's shape. Write `extends Module<Same>` for such a module of your own. */
export interface Same extends ShapeFn {
  readonly out: this["in"];
}

/** Equal, as far as is known: true wherever a side is not literal, so doubt never makes an error. */
export type Fits<A, B> = [number] extends [A | B] ? true : [A] extends [B] ? true : false;
/** Fits, axis by axis. */
export type FitsAll<A, B> = A extends readonly [infer X, ...infer A2]
  ? B extends readonly [infer Y, ...infer B2]
    ? Fits<X, Y> extends true
      ? FitsAll<A2, B2>
      : false
    : Unranked<B>
  : A extends readonly []
    ? B extends readonly []
      ? true
      : Unranked<B>
    : true;
/** The better known of two shapes that fit. */
export type Known<A, B> = A extends readonly [infer X, ...infer A2]
  ? B extends readonly [infer Y, ...infer B2]
    ? [[number] extends [X] ? Y : X, ...Known<A2, B2>]
    : A
  : B;
type Unranked<X> = X extends readonly [unknown, ...unknown[]] ? false : X extends readonly [] ? false : true;

/** A followed by B; A where B is not a tuple. */
export type Concatenated<A extends readonly unknown[], B> = B extends readonly unknown[] ? [...A, ...B] : A;

/** The number of elements, if every size is known. */
export type Product<S, R extends number = 1> = S extends readonly [infer A, ...infer T]
  ? [number] extends [A]
    ? number
    : A extends number
      ? Product<T, R extends 1 ? A : Mul<R, A>>
      : number
  : S extends readonly []
    ? R
    : number;

/** A size, or undefined where it is not known. */
export type Size = number | undefined;
/** Sizes, batch first; undefined where not even their number is known. */
export type PartialShape = readonly Size[] | undefined;

/** Equal, as far as is known. */
export const fits = (a: Size, b: Size): boolean => a === undefined || b === undefined || a === b;

/** Fits, axis by axis. */
export const fitsAll = (a: PartialShape, b: PartialShape): boolean =>
  a === undefined || b === undefined || (a.length === b.length && a.every((n, d) => fits(n, b[d])));

/** The better known of two shapes that fit. */
export const known = (a: PartialShape, b: PartialShape): PartialShape => (a ? a.map((n, d) => n ?? b?.[d]) : b);

/** The number of elements, if every size is known. */
export const product = (sizes: readonly Size[]): Size =>
  sizes.reduce<Size>((n, size) => (n === undefined || size === undefined ? undefined : n * size), 1);
