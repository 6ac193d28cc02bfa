import type { Axis, Int } from "../../kernel/int.ts";

/** An index grows by `step` each time that an axis has grown by `period`. */
export interface Growth {
  readonly period: number;
  readonly step: number;
}

export function greatestDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestDivisor(b, a % b);
}
export const leastMultiple = (a: number, b: number): number => (a / greatestDivisor(a, b)) * b;

/** How `e` grows along `axis`, if divisions round down: evenly but for what divisions do within a period. */
export function growthOf(e: Int, axis: Axis): Growth {
  switch (e.op) {
    case "const":
      return { period: 1, step: 0 };
    case "axis":
      return { period: 1, step: e.axis === axis ? 1 : 0 };
    case "mul": {
      const { period, step } = growthOf(e.args[0]!, axis);
      return { period, step: step * e.value };
    }
    case "add": {
      const [a, b] = [growthOf(e.args[0]!, axis), growthOf(e.args[1]!, axis)];
      const period = leastMultiple(a.period, b.period);
      return { period, step: (a.step * period) / a.period + (b.step * period) / b.period };
    }
    case "div":
    case "mod": {
      const { period, step } = growthOf(e.args[0]!, axis);
      const times = e.value / greatestDivisor(e.value, step);
      return { period: period * times, step: e.op === "div" ? (step * times) / e.value : 0 };
    }
  }
}
