import { invariant } from "../base/assert.ts";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { type Axis, Int } from "./int.ts";
import type { BinaryFn, CompareFn, UnaryFn } from "./scalar.ts";

/** An array as kernels see it: a name, a shape, an element type. Where its elements lie is the backend's business. Identity is by reference. */
export interface Buffer {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

export const buffer = (name: string, shape: Shape, dtype: DType = "f32"): Buffer => ({ name, shape, dtype });

/** A condition on indices: `low <= at < high`, or `at === 0`. */
export type Guard =
  | { readonly test: "inRange"; readonly at: Int; readonly low: number; readonly high: number }
  | { readonly test: "isZero"; readonly at: Int };

/** What one element is. Values are f32 or i32 (u8 loads as i32); the two never mix without `toFloat`. */
export type Expr =
  /** The element at `index` (one Int per dimension), or `otherwise` where a guard fails. Indices are in bounds where the guards hold. */
  | {
      readonly kind: "load";
      readonly buffer: Buffer;
      readonly index: readonly Int[];
      readonly guards: readonly Guard[];
      readonly otherwise: number;
    }
  /** An f32 constant, rounded to f32. */
  | { readonly kind: "const"; readonly value: number }
  /** An entry of a constant matrix, rounded to f32. */
  | { readonly kind: "table"; readonly values: Matrix; readonly row: Int; readonly column: Int }
  /** An index as an i32 value. */
  | { readonly kind: "index"; readonly at: Int }
  /** The reduction's result; only in a kernel's `post`. */
  | { readonly kind: "acc"; readonly dtype: "f32" | "i32" }
  | { readonly kind: "unary"; readonly fn: UnaryFn; readonly a: Expr }
  | { readonly kind: "binary"; readonly fn: BinaryFn; readonly a: Expr; readonly b: Expr }
  | { readonly kind: "toFloat"; readonly a: Expr }
  | { readonly kind: "select"; readonly fn: CompareFn; readonly a: Expr; readonly b: Expr; readonly then: Expr; readonly otherwise: Expr };

export type Load = Extract<Expr, { kind: "load" }>;
export type Table = Extract<Expr, { kind: "table" }>;

/** Rows of numbers, all of one length. */
export type Matrix = readonly (readonly number[])[];

/** The element of `from` at `index`; `otherwise` (zero) outside its shape. Guards that can never fail are dropped. */
export function load(from: Buffer, index: readonly (Int | Axis | number)[], onlyIf: readonly Guard[] = [], otherwise = 0): Load {
  invariant(index.length === from.shape.length, () => `load of ${from.name} takes ${from.shape.length} indices, got ${index.length}`);
  const at = index.map((i) => Int.of(i));
  const bounds = at.map((i, d): Guard => ({ test: "inRange", at: i, low: 0, high: from.shape[d]! }));
  return { kind: "load", buffer: from, index: at, guards: [...onlyIf, ...bounds].filter((g) => !alwaysHolds(g)), otherwise };
}

export const alwaysHolds = (g: Guard): boolean =>
  g.test === "isZero" ? g.at.min === 0 && g.at.max === 0 : g.at.min >= g.low && g.at.max < g.high;

export const isZero = (at: Int): Guard => ({ test: "isZero", at });

export const constant = (value: number): Expr => ({ kind: "const", value });
export const table = (values: Matrix, row: Int | Axis, column: Int | Axis): Table => ({
  kind: "table",
  values,
  row: Int.of(row),
  column: Int.of(column),
});
export const index = (at: Int | Axis): Expr => ({ kind: "index", at: Int.of(at) });
export const toFloat = (a: Expr): Expr => ({ kind: "toFloat", a });
export const acc: Expr = { kind: "acc", dtype: "f32" };
export const unary = (fn: UnaryFn, a: Expr): Expr => ({ kind: "unary", fn, a });
export const binary = (fn: BinaryFn, a: Expr, b: Expr): Expr => ({ kind: "binary", fn, a, b });
export const add = (a: Expr, b: Expr): Expr => binary("add", a, b);
export const sub = (a: Expr, b: Expr): Expr => binary("sub", a, b);
export const mul = (a: Expr, b: Expr): Expr => binary("mul", a, b);
export const div = (a: Expr, b: Expr): Expr => binary("div", a, b);
export const max = (a: Expr, b: Expr): Expr => binary("max", a, b);
/** `a fn b ? then : otherwise`. */
export const select = (fn: CompareFn, a: Expr, b: Expr, then: Expr, otherwise: Expr): Expr => ({
  kind: "select",
  fn,
  a,
  b,
  then,
  otherwise,
});

/** Type of an expression's value. */
export function typeOf(e: Expr): "f32" | "i32" {
  switch (e.kind) {
    case "load":
      return e.buffer.dtype === "f32" ? "f32" : "i32";
    case "const":
    case "table":
    case "toFloat":
      return "f32";
    case "index":
      return "i32";
    case "acc":
      return e.dtype;
    case "unary":
    case "binary":
      return typeOf(e.a);
    case "select":
      return typeOf(e.then);
  }
}

export function children(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "unary":
    case "toFloat":
      return [e.a];
    case "binary":
      return [e.a, e.b];
    case "select":
      return [e.a, e.b, e.then, e.otherwise];
    default:
      return NONE;
  }
}

const NONE: readonly Expr[] = [];

/** Calls `visit` for every leaf, in the order of evaluation. */
function eachLeaf(e: Expr, visit: (leaf: Expr) => void): void {
  const parts = children(e);
  if (parts.length === 0) visit(e);
  else for (const part of parts) eachLeaf(part, visit);
}

/** Every constant matrix that is read, in the order of evaluation. */
export function tablesOf(e: Expr): Table[] {
  const tables: Table[] = [];
  eachLeaf(e, (x) => void (x.kind === "table" && tables.push(x)));
  return tables;
}

/** The expression with every node first rebuilt from below, then passed through `f`. What `f` leaves as it is stays the same object. */
export function mapExpr(e: Expr, f: (e: Expr) => Expr): Expr {
  switch (e.kind) {
    case "unary":
    case "toFloat": {
      const a = mapExpr(e.a, f);
      return f(a === e.a ? e : { ...e, a });
    }
    case "binary": {
      const a = mapExpr(e.a, f);
      const b = mapExpr(e.b, f);
      return f(a === e.a && b === e.b ? e : { ...e, a, b });
    }
    case "select": {
      const a = mapExpr(e.a, f);
      const b = mapExpr(e.b, f);
      const then = mapExpr(e.then, f);
      const otherwise = mapExpr(e.otherwise, f);
      const same = a === e.a && b === e.b && then === e.then && otherwise === e.otherwise;
      return f(same ? e : { ...e, a, b, then, otherwise });
    }
    default:
      return f(e);
  }
}

/** Every load, in the order of evaluation; the same load twice if it stands twice. */
export function loadsOf(e: Expr): Load[] {
  const loads: Load[] = [];
  eachLeaf(e, (x) => void (x.kind === "load" && loads.push(x)));
  return loads;
}

/** The expression with axes replaced in every index; guards are judged anew. */
export function substituteAxes(e: Expr, map: ReadonlyMap<Axis, Int>): Expr {
  return mapExpr(e, (x) => {
    if (x.kind === "index") return { ...x, at: x.at.substitute(map) };
    if (x.kind === "table") return { ...x, row: x.row.substitute(map), column: x.column.substitute(map) };
    if (x.kind !== "load") return x;
    const guards = x.guards.map((g): Guard => ({ ...g, at: g.at.substitute(map) })).filter((g) => !alwaysHolds(g));
    return { ...x, index: x.index.map((i) => i.substitute(map)), guards };
  });
}
