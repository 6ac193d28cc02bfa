/** Runs a kernel as it is written, one point at a time, in f64. Slow: for tests and for looking inside. */
import { invariant } from "../base/assert.ts";
import { stridesOf } from "../base/shape.ts";
import { offsetOf } from "./address.ts";
import type { Buffer, Expr, Load } from "./expr.ts";
import type { Axis } from "./int.ts";
import type { Kernel } from "./kernel.ts";
import { BINARY, COMPARE, START, UNARY } from "./scalar.ts";

type Point = Map<Axis, number>;

/** Fills the elements of `memory(k.out)` that the kernel writes. Arrays are row-major. */
export function evaluateKernel(k: Kernel, memory: (b: Buffer) => Float64Array): void {
  const point: Point = new Map();
  const at = (a: Axis): number => point.get(a)!;
  const out = memory(k.out);
  const store = offsetOf(k.at, stridesOf(k.out.shape));
  each(k.axes, point, () => {
    if (k.within?.some((w) => w.at.evaluate(at) >= w.high)) return;
    const i = store.evaluate(at);
    const before = k.resumes && k.resumes.evaluate(at) !== 0 ? out[i]! : 0;
    out[i] = value(k.post, point, memory, before + combined(k, point, memory));
  });
}

function combined(k: Kernel, point: Point, memory: (b: Buffer) => Float64Array): number {
  if (k.reduce.length === 0 && k.combine === "sum") return value(k.body, point, memory, 0);
  let result = START[k.combine];
  let best = Number.NEGATIVE_INFINITY;
  let position = 0;
  each(k.reduce, point, () => {
    const term = value(k.body, point, memory, 0);
    if (k.combine === "sum") result += term;
    else if (k.combine === "max") result = Math.max(result, term);
    else if (k.combine === "min") result = Math.min(result, term);
    else if (position === 0 || term > best || (Number.isNaN(term) && !Number.isNaN(best))) {
      best = term;
      result = position;
    }
    position++;
  });
  return result;
}

function each(axes: readonly Axis[], point: Point, body: () => void): void {
  const [head, ...rest] = axes;
  if (!head) return body();
  for (let i = 0; i < head.extent; i++) {
    point.set(head, i);
    each(rest, point, body);
  }
  point.delete(head);
}

function value(e: Expr, point: Point, memory: (b: Buffer) => Float64Array, accumulated: number): number {
  const go = (x: Expr): number => value(x, point, memory, accumulated);
  switch (e.kind) {
    case "load":
      return loaded(e, point, memory);
    case "const":
      return Math.fround(e.value);
    case "table":
      return Math.fround(e.values[e.row.evaluate((a) => point.get(a)!)]![e.column.evaluate((a) => point.get(a)!)]!);
    case "index":
      return e.at.evaluate((a) => point.get(a)!);
    case "acc":
      return accumulated;
    case "unary":
      return UNARY[e.fn](go(e.a));
    case "binary":
      return BINARY[e.fn](go(e.a), go(e.b));
    case "toFloat":
      return go(e.a);
    case "select":
      return COMPARE[e.fn](go(e.a), go(e.b)) ? go(e.then) : go(e.otherwise);
  }
}

function loaded(l: Load, point: Point, memory: (b: Buffer) => Float64Array): number {
  const at = (a: Axis): number => point.get(a)!;
  const fails = l.guards.some((g) => {
    const i = g.at.evaluate(at);
    return g.test === "isZero" ? i !== 0 : i < g.low || i >= g.high;
  });
  if (fails) return l.otherwise;
  const i = offsetOf(l.index, stridesOf(l.buffer.shape)).evaluate(at);
  const x = memory(l.buffer)[i];
  invariant(x !== undefined, `load of ${l.buffer.name} at ${i}, outside its ${l.buffer.shape} elements`);
  return x;
}
