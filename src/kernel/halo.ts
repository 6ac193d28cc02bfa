/**
 * Guards out of the way: a load that may fall outside its array reads a copy with a margin of zeros instead. The copy costs
 * one pass over the array; the loop that would have tested each load runs without a branch.
 */
import { type Buffer, buffer, type Load, load } from "./expr.ts";
import { Int } from "./int.ts";
import { compute, type Kernel } from "./kernel.ts";

/** The copy, and the load that reads it instead of `l`. Covers every index that `l` can take. */
export function haloOf(l: Load): { readonly copy: Kernel; readonly load: Load } {
  const shape = l.index.map((i) => i.max - i.min + 1);
  const copied: Buffer = buffer(`${l.buffer.name}.halo`, shape, l.buffer.dtype);
  const copy = compute("halo", copied, {}, (axes) => ({
    ...load(
      l.buffer,
      axes.map((a, d) => Int.of(a).add(l.index[d]!.min)),
    ),
    otherwise: l.otherwise,
  }));
  return { copy, load: { ...l, buffer: copied, index: l.index.map((i) => i.sub(i.min)), guards: [] } };
}

/** Whether every guard of the load is a bound of one of its own indices, which a margin can satisfy. */
export const canHalo = (l: Load): boolean =>
  l.guards.length > 0 && l.guards.every((g) => g.test === "inRange" && l.index.some((i) => i.equals(g.at)));
