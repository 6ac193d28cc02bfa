/**
 * Guards out of the way: a load that may fall outside its array reads a copy with a margin of zeros instead. The copy costs
 * one pass over the array; the loop that would have tested each load runs without a branch.
 */
import { type Buffer, buffer, type Load, load } from "./expr.ts";
import { Int } from "./int.ts";
import { compute, type Kernel } from "./kernel.ts";

/** A copy with a margin, and what reads it instead of a load. */
export interface Halo {
  readonly copy: Kernel;
  readonly moved: (l: Load) => Load;
}

/** The copy that serves these loads of one array. It covers every index that they can take. */
export function haloOf(loads: readonly [Load, ...Load[]]): Halo {
  const [{ buffer: whole, otherwise, index }] = loads;
  const low = index.map((_, d) => Math.min(...loads.map((l) => l.index[d]!.min)));
  const shape = index.map((_, d) => Math.max(...loads.map((l) => l.index[d]!.max)) - low[d]! + 1);
  const copied: Buffer = buffer(`${whole.name}.halo`, shape, whole.dtype);
  const copy = compute("halo", copied, {}, (axes) => ({
    ...load(
      whole,
      axes.map((a, d) => Int.of(a).add(low[d]!)),
    ),
    otherwise,
  }));
  return { copy, moved: (l) => ({ ...l, buffer: copied, index: l.index.map((i, d) => i.sub(low[d]!)), guards: [] }) };
}

/** Whether every guard of the load is a bound of one of its own indices, which a margin can satisfy. */
export const canHalo = (l: Load): boolean =>
  l.guards.length > 0 && l.guards.every((g) => g.test === "inRange" && l.index.some((i) => i.equals(g.at)));
