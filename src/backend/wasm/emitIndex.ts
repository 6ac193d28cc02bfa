import { invariant } from "../../base/assert.ts";
import type { Guard } from "../../kernel/expr.ts";
import type { Affine, Axis, Int } from "../../kernel/int.ts";
import type { FunctionBuilder, Local } from "./function.ts";

/** Where each loop variable is kept. */
export type AxisLocals = ReadonlyMap<Axis, Local>;

/** Pushes an index times `scale`. */
export function emitIndex(f: FunctionBuilder, i: Int, at: AxisLocals, scale = 1): void {
  emitAffine(f, i.takeApart(), at, scale);
}

export function emitAffine(f: FunctionBuilder, a: Affine, at: AxisLocals, scale = 1): void {
  let terms = 0;
  const sum = (): void => {
    if (terms++ > 0) f.op("i32.add");
  };
  for (const [axis, step] of a.steps) {
    const local = at.get(axis);
    invariant(local, `axis ${axis.name} is not running here`);
    f.get(local);
    emitTimes(f, step * scale);
    sum();
  }
  for (const jump of a.jumps) {
    emitIndex(f, jump.int.args[0]!, at);
    f.i32(jump.int.value).op(jump.int.op === "div" ? "i32.div_s" : "i32.rem_s");
    emitTimes(f, jump.times * scale);
    sum();
  }
  if (a.constant !== 0 || terms === 0) {
    f.i32(a.constant * scale);
    sum();
  }
}

function emitTimes(f: FunctionBuilder, k: number): void {
  if (k !== 1) f.i32(k).op("i32.mul");
}

/** Pushes whether all guards hold. */
export function emitGuards(f: FunctionBuilder, guards: readonly Guard[], at: AxisLocals): void {
  guards.forEach((g, i) => {
    emitIndex(f, g.at, at);
    if (g.test === "isZero") f.op("i32.eqz");
    else if (g.at.min >= g.low) f.i32(g.high).op("i32.lt_s");
    else if (g.at.max < g.high) f.i32(g.low).op("i32.ge_s");
    else {
      // one comparison for both ends: what lies below wraps past the top
      if (g.low !== 0) f.i32(g.low).op("i32.sub");
      f.i32(g.high - g.low).op("i32.lt_u");
    }
    if (i > 0) f.op("i32.and");
  });
}
