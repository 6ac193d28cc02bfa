/** Which element of an input a kernel reads for which element of its result, along one axis of each. */
import type { Guard, Load } from "../../kernel/expr.ts";
import type { Axis, Int } from "../../kernel/int.ts";
import type { Kernel } from "../../kernel/kernel.ts";

/** A loop axis and how far apart in the result its steps lie. */
interface Digit {
  readonly axis: Axis;
  readonly weight: number;
}

/** One index of a load, as a function of one index of the result. */
export interface Access {
  /** Loop axes that make up the index of the result, the outermost first; each is a digit of it. */
  readonly digits: readonly Digit[];
  /** The index of the result where all digits are zero; NaN where no index decides. */
  readonly origin: number;
  /** Loop axes that the result's index does not decide: reductions, mostly. */
  readonly free: readonly Axis[];
  /** What is read. */
  readonly index: Int;
  /** Conditions that can be judged here: those on these axes alone. That an index lies in its own array is none of them. */
  readonly guards: readonly Guard[];
}

/** The dimensions of the result that decide index `dimension` of `load`. */
export function decidingAxes(k: Kernel, load: Load, dimension: number): number[] {
  const axes = load.index[dimension]!.axes();
  return k.at.flatMap((at, d) => ([...at.axes()].some((a) => axes.has(a)) ? [d] : []));
}

/** How index `dimension` of `load` follows from index `out` of the result; from none if `out` is undefined. */
export function accessOf(k: Kernel, load: Load, dimension: number, out: number | undefined): Access {
  const index = load.index[dimension]!;
  const digits = out === undefined ? undefined : digitsOf(k.at[out]!);
  const known = new Set([...index.axes(), ...(digits ?? []).map((d) => d.axis)]);
  const guards = load.guards.filter((g) => {
    const axes = [...g.at.axes()];
    const isOwn = axes.every((a) => known.has(a) || k.reduce.includes(a));
    // A condition on reductions alone may be another index's; it can be judged all the same.
    return isOwn && !isBound(g, load) && (meets(g.at, index) || axes.every((a) => k.reduce.includes(a)));
  });
  for (const g of guards) for (const a of g.at.axes()) known.add(a);
  const free = [...known].filter((a) => !digits?.some((d) => d.axis === a));
  return { digits: digits ?? [], origin: out === undefined || !digits ? Number.NaN : k.at[out]!.origin, free, index, guards };
}

/** Whether the guard says no more than that an index of the load lies in its array. */
const isBound = (g: Guard, { index, buffer }: Load): boolean =>
  g.test === "inRange" && g.low === 0 && index.some((i, d) => i === g.at && g.high === buffer.shape[d]);

const meets = (a: Int, b: Int): boolean => {
  const axes = b.axes();
  return [...a.axes()].some((x) => axes.has(x));
};

/** The digits of a store index, or undefined where it is no number written in digits: then anything may be read. */
function digitsOf(at: Int): readonly Digit[] | undefined {
  const digits = [...at.axes()].map((axis) => ({ axis, weight: at.step(axis)! })).sort((a, b) => b.weight - a.weight);
  let reach = 0;
  for (const { axis, weight } of digits.toReversed()) {
    if (weight <= reach) return undefined;
    reach += weight * (axis.extent - 1);
  }
  return digits;
}

/** How far the index of the result may go: as far as the kernel writes, or on and on with the outermost digit. */
export type Extent = "written" | "endless";

/**
 * Calls `visit` with every index that is read for element `at` of the result; with none if the kernel does not write that element. Where
 * no index of the result decides, `at` is of no account. Endless indices may lie outside of the array on either side: what padding stands for.
 */
export function forEachRead(access: Access, at: number, extent: Extent, visit: (index: number) => void): void {
  const values = new Map<Axis, number>();
  if (!Number.isNaN(access.origin) && !decode(access, at, extent, values)) return;
  const digitOf = (a: Axis): number => values.get(a)!;
  const evaluate = extent === "endless" ? (e: Int): number => floored(e, digitOf) : (e: Int): number => e.evaluate(digitOf);
  const { free, guards, index } = access;
  const go = (d: number): void => {
    const axis = free[d];
    if (axis) {
      for (let i = 0; i < axis.extent; i++) {
        values.set(axis, i);
        go(d + 1);
      }
    } else if (guards.every((g) => holds(g, evaluate))) visit(evaluate(index));
  };
  go(0);
}

function decode({ digits, origin }: Access, at: number, extent: Extent, into: Map<Axis, number>): boolean {
  let rest = at - origin;
  for (const [d, { axis, weight }] of digits.entries()) {
    const digit = Math.floor(rest / weight);
    const isOpen = d === 0 && extent === "endless";
    if (!isOpen && (digit < 0 || digit >= axis.extent)) return false;
    into.set(axis, digit);
    rest -= digit * weight;
  }
  // A lone element has no digit to go on with.
  return rest === 0;
}

function holds(g: Guard, evaluate: (e: Int) => number): boolean {
  const value = evaluate(g.at);
  return g.test === "isZero" ? value === 0 : value >= g.low && value < g.high;
}

/** The value with division that rounds down: beyond the array's start it goes on as before it. */
function floored(e: Int, at: (axis: Axis) => number): number {
  switch (e.op) {
    case "div":
      return Math.floor(floored(e.args[0]!, at) / e.value);
    case "mod": {
      const value = floored(e.args[0]!, at);
      return value - e.value * Math.floor(value / e.value);
    }
    case "add":
      return floored(e.args[0]!, at) + floored(e.args[1]!, at);
    case "mul":
      return floored(e.args[0]!, at) * e.value;
    default:
      return e.evaluate(at);
  }
}
