/** One block of memory for everything: buffers whose lives do not overlap share addresses. */
import type { Buffer } from "../kernel/expr.ts";

/** From the first step that writes a buffer to the last that reads it, both included. */
export interface Life {
  readonly buffer: Buffer;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/** Cache lines: two buffers never share one, so threads never write to the same line. */
export const ALIGNMENT = 64;
export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const overlaps = (a: Life, b: Life): boolean => a.from <= b.to && b.from <= a.to;

/** Offsets of all buffers, largest first, each in the smallest gap that holds it; and the bytes they need together. */
export function assign(lives: readonly Life[]): { readonly offsets: ReadonlyMap<Buffer, number>; readonly bytes: number } {
  const offsets = new Map<Buffer, number>();
  const placed: Life[] = [];
  let total = 0;
  const order = lives.map((life, i) => ({ life, i })).sort((a, b) => b.life.bytes - a.life.bytes || a.i - b.i);
  for (const { life } of order) {
    const taken = placed
      .filter((p) => overlaps(p, life))
      .map((p) => ({ start: offsets.get(p.buffer)!, end: offsets.get(p.buffer)! + aligned(p.bytes) }))
      .sort((a, b) => a.start - b.start);
    let at = -1;
    let smallest = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const t of taken) {
      const gap = t.start - end;
      if (gap >= life.bytes && gap < smallest) {
        smallest = gap;
        at = end;
      }
      end = Math.max(end, t.end);
    }
    const start = at >= 0 ? at : end;
    offsets.set(life.buffer, start);
    placed.push(life);
    total = Math.max(total, start + aligned(life.bytes));
  }
  return { offsets, bytes: total };
}
