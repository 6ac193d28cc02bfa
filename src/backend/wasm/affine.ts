import { type Axis, Int } from "../../kernel/int.ts";

/** A division or remainder within an index: it has no constant step. */
export interface Jump {
  readonly int: Int;
  readonly times: number;
}

/** An index taken apart: constant + sum of step * axis + sum of times * jump. */
export interface Affine {
  readonly constant: number;
  /** Steps that are not zero. */
  readonly steps: ReadonlyMap<Axis, number>;
  readonly jumps: readonly Jump[];
}

/** Indices never change, and each is taken apart many times. */
const known = new WeakMap<Int, Affine>();

export function affineOf(i: Int): Affine {
  let affine = known.get(i);
  if (!affine) {
    affine = takeApart(i);
    known.set(i, affine);
  }
  return affine;
}

function takeApart(i: Int): Affine {
  const steps = new Map<Axis, number>();
  const jumps: Jump[] = [];
  let constant = 0;
  const visit = (x: Int, times: number): void => {
    switch (x.op) {
      case "const":
        constant += x.value * times;
        return;
      case "axis":
        steps.set(x.axis!, (steps.get(x.axis!) ?? 0) + times);
        return;
      case "add":
        for (const part of x.args) visit(part, times);
        return;
      case "mul":
        return visit(x.args[0]!, times * x.value);
      case "div":
      case "mod":
        jumps.push({ int: x, times });
    }
  };
  visit(i, 1);
  for (const [axis, step] of steps) if (step === 0) steps.delete(axis);
  return { constant, steps, jumps };
}

/** Smallest and largest value of the affine part over the axes in `over`; other axes count as zero. */
export function affineRange(a: Affine, over: (axis: Axis) => boolean): { readonly min: number; readonly max: number } {
  let min = a.constant;
  let max = a.constant;
  for (const [axis, step] of a.steps) {
    if (!over(axis)) continue;
    const end = step * (axis.extent - 1);
    min += Math.min(0, end);
    max += Math.max(0, end);
  }
  return { min, max };
}

/** The index with `axis` moved by a constant. */
export const shifted = (axis: Axis, by: number): Int => Int.of(axis).add(by);
