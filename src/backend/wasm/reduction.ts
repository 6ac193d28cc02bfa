import type { Combine } from "../../kernel/scalar.ts";
import type { Local } from "./function.ts";
import type { LaneCode } from "./lanes.ts";
import { emitBound } from "./scalar.ts";

/** The running result of one reduction, in one lane or four. */
export interface Accumulator {
  start(): void;
  /** Goes on from the partial result that `push` pushes; sums only. */
  resume?(push: () => void): void;
  /** Takes in the term that `term` pushes. `position` counts the terms so far, in every lane, for argmax. */
  add(term: () => void, position: Local | undefined): void;
  /** Pushes the result. */
  push(): void;
  /** What a maximum or minimum of f32 has seen so far. */
  readonly extremum?: Extremum;
}

export interface Extremum {
  /** NaN aside. */
  readonly best: Local;
  /** A mask. */
  readonly sawNaN: Local;
}

/** `maximum` is the running maximum of the same terms, if another reduction keeps it; an argmax of theirs takes each term before it. */
export function accumulator(c: LaneCode, combine: Combine, type: "f32" | "i32", maximum?: Extremum): Accumulator {
  if (combine === "sum") return sum(c, type);
  if (combine === "argmax") return argmax(c, maximum);
  return type === "f32" ? extremum(c, combine) : intExtremum(c, combine);
}

/** Registers an accumulator takes. */
export const accumulatorSize = (combine: Combine): number => (combine === "sum" ? 1 : combine === "argmax" ? 3 : 2);

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
function extremum(c: LaneCode, combine: "max" | "min"): Accumulator & { readonly extremum: Extremum } {
  const best = c.local("f32");
  const sawNaN = c.local("i32");
  const term = c.local("f32");
  return {
    extremum: { best, sawNaN },
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
  return {
    start: () => c.intConstant(combine === "max" ? -(2 ** 31) : 2 ** 31 - 1).set(best),
    add(push) {
      push();
      c.get(best).intBound(combine).set(best);
    },
    push: () => c.get(best),
  };
}

/**
 * The first largest term's position; a NaN is larger than all, and the first one stays. Positions grow from term to term, so the
 * latest that was better is the largest: a maximum of positions under a mask, where a select would take three instructions.
 */
function argmax(c: LaneCode, maximum: Extremum | undefined): Accumulator {
  const own = maximum ? undefined : extremum(c, "max");
  const { best, sawNaN } = maximum ?? own!.extremum;
  const at = c.local("i32");
  const term = c.local("f32");
  return {
    start: () => {
      own?.start();
      c.intConstant(0).set(at);
    },
    add(push, position) {
      push();
      c.set(term).get(at).get(position!);
      // not better: term <= best, or a NaN came before; a term that is NaN is better than numbers
      c.get(term).get(best).float("le").get(sawNaN).mask("or");
      c.unless().intBound("max").set(at);
      own?.add(() => c.get(term), undefined);
    },
    push: () => c.get(at),
  };
}
