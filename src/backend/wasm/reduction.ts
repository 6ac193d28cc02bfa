import type { Combine } from "../../kernel/scalar.ts";
import type { Local } from "./function.ts";
import type { LaneCode } from "./lanes.ts";
import { emitBound } from "./scalar.ts";

/** The running result of one reduction, in one lane or four. */
export interface Accumulator {
  start(): void;
  /** Goes on from the partial result that `push` pushes; sums only. */
  resume?(push: () => void): void;
  /** Takes in the term that `term` pushes. `position` counts the terms so far, for argmax. */
  add(term: () => void, position: Local | undefined): void;
  /** Pushes the result. */
  push(): void;
}

export function accumulator(c: LaneCode, combine: Combine, type: "f32" | "i32"): Accumulator {
  if (combine === "sum") return sum(c, type);
  if (combine === "argmax") return argmax(c);
  return type === "f32" ? extremum(c, combine) : intExtremum(c, combine);
}

/** Registers an accumulator takes. */
export const accumulatorSize = (combine: Combine): number => (combine === "sum" ? 1 : 2);

function sum(c: LaneCode, type: "f32" | "i32"): Accumulator {
  const total = c.local(type);
  return {
    start: () => (type === "f32" ? c.constant(0) : c.intConstant(0)).set(total),
    resume(push) {
      push();
      c.set(total);
    },
    add(term) {
      c.get(total);
      term();
      (type === "f32" ? c.float("add") : c.int("add")).set(total);
    },
    push: () => c.get(total),
  };
}

/** Three instructions a term instead of the seven of f32x4.max: NaN is noted on the side. */
function extremum(c: LaneCode, combine: "max" | "min"): Accumulator {
  const best = c.local("f32");
  const sawNaN = c.local("i32");
  const term = c.local("f32");
  return {
    start: () =>
      c
        .constant(combine === "max" ? -Infinity : Infinity)
        .set(best)
        .intConstant(0)
        .set(sawNaN),
    add(push) {
      push();
      c.set(term).get(best);
      emitBound(c, combine, () => c.get(term));
      c.set(best).get(sawNaN).get(term).get(term).float("ne").mask("or").set(sawNaN);
    },
    push: () => c.constant(NaN).get(best).get(sawNaN).select(),
  };
}

function intExtremum(c: LaneCode, combine: "max" | "min"): Accumulator {
  const best = c.local("i32");
  const term = c.local("i32");
  return {
    start: () => c.intConstant(combine === "max" ? -(2 ** 31) : 2 ** 31 - 1).set(best),
    add(push) {
      push();
      c.set(term)
        .get(term)
        .get(best)
        .get(term)
        .get(best)
        .compareInt(combine === "max" ? "gt" : "lt")
        .select()
        .set(best);
    },
    push: () => c.get(best),
  };
}

/** The first largest term's position; a NaN is larger than all, and the first one stays. */
function argmax(c: LaneCode): Accumulator {
  const best = c.local("f32");
  const at = c.local("i32");
  const term = c.local("f32");
  const better = c.local("i32");
  return {
    start: () => c.constant(-Infinity).set(best).intConstant(0).set(at),
    add(push, position) {
      push();
      c.set(term);
      // not (term <= best), but nothing is better than NaN
      c.get(best).get(best).float("eq").get(term).get(best).float("le").mask("andnot").set(better);
      c.get(term).get(best).get(better).select().set(best);
      c.f.get(position!);
      c.splat().get(at).get(better).select().set(at);
    },
    push: () => c.get(at),
  };
}
