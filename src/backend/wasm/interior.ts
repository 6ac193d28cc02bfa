/**
 * Guards fail only near the borders. The interior is the part of each axis where they are known to hold whatever
 * the other axes do; kernels run there without them.
 */
import { type Guard, mapExpr } from "../../kernel/expr.ts";
import type { Axis } from "../../kernel/int.ts";
import { type Kernel, kernelLoads } from "../../kernel/kernel.ts";
import { affineRange } from "./affine.ts";

/** from <= axis < to. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Interior {
  /** Axes that have a border, with the part inside it. */
  readonly spans: ReadonlyMap<Axis, Span>;
  /** The kernels without the guards that hold inside all spans. */
  readonly kernels: readonly Kernel[];
}

/** Of one kernel or of siblings. `around` are reduction axes that are loops around the output's. */
export function interiorOf(kernels: readonly Kernel[], around: readonly Axis[]): Interior {
  const axes = [...around, ...kernels[0]!.axes];
  const spans = new Map<Axis, Span>();
  const needed = new Map<Guard, readonly [Axis, Span][]>();
  for (const g of kernels.flatMap(kernelLoads).flatMap((l) => l.guards)) {
    const own = spansOf(g, axes);
    if (own) needed.set(g, own);
  }
  for (const own of needed.values()) {
    for (const [a, span] of own) spans.set(a, intersection(spans.get(a), span));
  }
  // an axis without interior cannot settle its guards
  const empty = new Set([...spans].filter(([, s]) => s.from >= s.to).map(([a]) => a));
  for (const a of empty) spans.delete(a);
  const settled = (g: Guard): boolean => needed.get(g)?.every(([a]) => !empty.has(a)) ?? false;
  const used = new Set([...needed].filter(([g]) => settled(g)).flatMap(([, own]) => own.map(([a]) => a)));
  for (const a of [...spans.keys()]) if (!used.has(a)) spans.delete(a);
  const strip = (e: Kernel["body"]): Kernel["body"] =>
    mapExpr(e, (x) => (x.kind === "load" ? { ...x, guards: x.guards.filter((g) => !settled(g)) } : x));
  return { spans, kernels: kernels.map((k) => ({ ...k, body: strip(k.body), post: strip(k.post) })) };
}

/** Where each of some axes of a guard must lie for it to hold at every value of the others; undefined if that cannot be said. */
function spansOf(g: Guard, axes: readonly Axis[]): [Axis, Span][] | undefined {
  const at = g.at.takeApart();
  if (g.test !== "inRange" || at.jumps.length > 0) return undefined;
  const own = axes.filter((a) => at.steps.has(a));
  if (own.length === 0) return undefined;
  return own.map((a) => {
    const others = affineRange(at, (b) => b !== a);
    const step = at.steps.get(a)!;
    // low <= step * a + others < high
    const [first, last] = [g.low - others.min, g.high - 1 - others.max];
    const from = Math.ceil(step > 0 ? first / step : last / step);
    const to = Math.floor(step > 0 ? last / step : first / step) + 1;
    return [a, { from: Math.max(0, from), to: Math.min(a.extent, to) }];
  });
}

const intersection = (a: Span | undefined, b: Span): Span => (a ? { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) } : b);
