import { invariant } from "../../base/assert.ts";
import { children, type Expr, type Load, typeOf } from "../../kernel/expr.ts";
import type { Int } from "../../kernel/int.ts";
import type { BinaryFn, UnaryFn } from "../../kernel/scalar.ts";
import type { Local } from "./function.ts";
import type { LaneCode } from "./lanes.ts";
import { emitRandomBits } from "./philox.ts";
import { emitErf, emitExpm1, emitLog1p } from "./special.ts";
import type { Structure } from "./structure.ts";
import { emitExp, emitLog, emitTanh } from "./transcendental.ts";

/** Where an expression's leaves come from; each method pushes one value. */
export interface Source {
  load(l: Load): void;
  index(at: Int): void;
  /** The result of the reduction that the `i`-th expression is about. */
  acc(i: number): void;
}

/**
 * Emits expressions that are evaluated in one place: straight-line code in which no axis moves and nothing is stored that
 * they load. What occurs in them more than once is computed once.
 */
export class Values {
  readonly #c: LaneCode;
  readonly #source: Source;
  readonly #structure: Structure;
  readonly #exprs: readonly Expr[];
  readonly #uses = new Map<string, number>();
  readonly #kept = new Map<string, Local>();
  #instance = 0;

  /** `exprs` are all that will be pushed, each with its own result of the reduction. */
  constructor(c: LaneCode, source: Source, structure: Structure, exprs: readonly Expr[]) {
    this.#c = c;
    this.#source = source;
    this.#structure = structure;
    this.#exprs = exprs;
    exprs.forEach((e, i) => {
      this.#count(e, i);
    });
  }

  /** Pushes the value of the i-th expression. */
  push(i: number): void {
    this.#instance = i;
    this.#push(this.#exprs[i]!);
  }

  #push(e: Expr): void {
    if (e.kind === "const" || e.kind === "acc") return this.#emit(e);
    const key = this.#key(e, this.#instance);
    const kept = this.#kept.get(key);
    if (kept) {
      this.#c.get(kept);
      return;
    }
    this.#emit(e);
    if (this.#uses.get(key)! < 2) return;
    const local = this.#c.local(typeOf(e));
    this.#c.tee(local);
    this.#kept.set(key, local);
  }

  #count(e: Expr, instance: number): void {
    const key = this.#key(e, instance);
    const uses = (this.#uses.get(key) ?? 0) + 1;
    this.#uses.set(key, uses);
    if (uses === 1) for (const child of children(e)) this.#count(child, instance);
  }

  #key(e: Expr, instance: number): string {
    const key = this.#structure.expr(e);
    return usesAcc(e) ? `${instance}:${key}` : key;
  }

  #emit(e: Expr): void {
    const c = this.#c;
    switch (e.kind) {
      case "load":
        return this.#source.load(e);
      case "const":
        c.constant(Math.fround(e.value));
        return;
      case "table":
        return invariant(false, "a table that no template took");
      case "index":
        return this.#source.index(e.at);
      case "acc":
        return this.#source.acc(this.#instance);
      case "toFloat":
        this.#push(e.a);
        if (typeOf(e.a) === "i32") c.toFloat();
        return;
      case "unary":
        this.#push(e.a);
        return typeOf(e) === "f32" ? emitUnary(c, e.fn) : emitIntUnary(c, e.fn);
      case "binary":
        return typeOf(e) === "f32" ? this.#floatBinary(e.fn, e.a, e.b) : this.#intBinary(e.fn, e.a, e.b);
      case "select":
        return this.#select(e);
    }
  }

  #select(e: Select): void {
    const c = this.#c;
    // a mask alone does where the other value is zero: one instruction instead of the four of a select
    const masked = c.lanes === 4 && isZero(e.otherwise);
    this.#push(e.then);
    if (!masked) this.#push(e.otherwise);
    this.#push(e.a);
    this.#push(e.b);
    if (typeOf(e.a) === "f32") c.float(e.fn);
    else c.compareInt(e.fn);
    if (masked) c.mask("and");
    else c.select();
  }

  #floatBinary(fn: BinaryFn, a: Expr, b: Expr): void {
    if (fn === "max" || fn === "min") {
      if (isNumber(b)) return this.#bound(fn, a, b.value);
      if (isNumber(a)) return this.#bound(fn, b, a.value);
    }
    invariant(fn !== "random", "random bits are integers");
    this.#push(a);
    this.#push(b);
    this.#c.float(fn);
  }

  /**
   * max or min with a constant, which is no NaN: NaN comes only from `x`, and pmax keeps its first operand's. One
   * instruction on x86, where max takes seven. It differs in one point: max(-0, 0) stays -0.
   */
  #bound(fn: "max" | "min", x: Expr, limit: number): void {
    const c = this.#c;
    this.#push(x);
    emitBound(c, fn, () => c.constant(Math.fround(limit)));
  }

  #intBinary(fn: BinaryFn, a: Expr, b: Expr): void {
    const c = this.#c;
    this.#push(a);
    this.#push(b);
    if (fn === "add" || fn === "sub" || fn === "mul") {
      c.int(fn);
      return;
    }
    if (fn === "random") return emitRandomBits(c);
    invariant(fn !== "div", "integers are not divided");
    c.intBound(fn);
  }
}

const usesAcc = (e: Expr): boolean => e.kind === "acc" || children(e).some(usesAcc);

type Select = Extract<Expr, { kind: "select" }>;

/** Whether all bits are zero, which those of -0 are not. */
const isZero = (e: Expr): boolean =>
  (e.kind === "const" && Object.is(e.value, 0)) || (e.kind === "index" && e.at.min === 0 && e.at.max === 0);

const isNumber = (e: Expr): e is Extract<Expr, { kind: "const" }> => e.kind === "const" && !Number.isNaN(e.value);

/** Raises (max) or lowers (min) the f32 on the stack to a limit: `x < limit ? limit : x`, so that a NaN stays. */
export function emitBound(c: LaneCode, fn: "max" | "min", limit: () => void): void {
  if (c.lanes === 4) {
    limit();
    c.f.op(fn === "max" ? "f32x4.pmax" : "f32x4.pmin");
    return;
  }
  const x = c.keep("f32");
  limit();
  c.get(x);
  if (fn === "max") c.get(x);
  limit();
  if (fn === "min") c.get(x);
  c.float("lt").select();
}

function emitUnary(c: LaneCode, fn: UnaryFn): void {
  if (fn === "exp") emitExp(c);
  else if (fn === "log") emitLog(c);
  else if (fn === "tanh") emitTanh(c);
  else if (fn === "expm1") emitExpm1(c);
  else if (fn === "log1p") emitLog1p(c);
  else if (fn === "erf") emitErf(c);
  else c.float(fn);
}

function emitIntUnary(c: LaneCode, fn: UnaryFn): void {
  invariant(fn === "neg" || fn === "abs", `${fn} of an integer`);
  const x = c.keep("i32");
  c.intConstant(0).get(x).int("sub");
  if (fn === "abs") c.get(x).get(x).intConstant(0).compareInt("lt").select();
}
