/** What an addressed kernel does, counted from its loops: multiply-adds, and the elements it moves. */
import { factors } from "./contraction.ts";
import { type Buffer, type Load, loadsOf } from "./expr.ts";
import type { Axis } from "./int.ts";
import type { Kernel } from "./kernel.ts";

export interface KernelWork {
  /** Of sums of products of two arrays: convolutions and matrix products as they are computed, whatever they stand for. */
  readonly multiplyAdds: number;
  /** Elements that are read of each buffer, each once: what has to come from memory if nothing of it is in a cache. */
  readonly read: ReadonlyMap<Buffer, number>;
  /** Elements that are stored. */
  readonly written: number;
}

export function workOf(k: Kernel): KernelWork {
  const points = runs(k) * stored(k);
  const pair = factors(k);
  const read = new Map<Buffer, number>();
  for (const l of [...loadsOf(k.body), ...loadsOf(k.post)]) {
    read.set(l.buffer, Math.min((read.get(l.buffer) ?? 0) + reached(l), l.buffer.shape[0]!));
  }
  const isProduct = pair !== undefined && pair[0].buffer !== pair[1].buffer;
  return { multiplyAdds: isProduct ? points * extentOf(k.reduce) : 0, read, written: stored(k) };
}

const extentOf = (axes: Iterable<Axis>): number => [...axes].reduce((n, a) => n * a.extent, 1);

/** Points that are stored: those within the bounds. */
function stored(k: Kernel): number {
  const all = extentOf(k.axes);
  return (k.within ?? []).reduce((n, { at, high }) => n * Math.min(1, high / (at.max + 1)), all);
}

/** How often a kernel of a chain runs whole: for each block, unless blocks or parts are among its own axes. */
function runs({ axes, chain }: Kernel): number {
  const own = chain?.blocks.some((a) => axes.includes(a)) ?? true;
  return own ? 1 : extentOf(chain!.blocks);
}

/** Elements that a load reaches, at most. */
const reached = (l: Load): number => extentOf(new Set(l.index.flatMap((i) => [...i.axes()])));
