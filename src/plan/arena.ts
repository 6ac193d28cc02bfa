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

/** A life with its place in the arena. */
interface Placed {
  readonly life: Life;
  readonly start: number;
  readonly end: number;
}

const overlaps = (a: Life, b: Life): boolean => a.from <= b.to && b.from <= a.to;

/** Offsets of all buffers, largest first, each in the smallest gap that holds it; and the bytes they need together. */
export function assign(lives: readonly Life[]): { readonly offsets: ReadonlyMap<Buffer, number>; readonly bytes: number } {
  const offsets = new Map<Buffer, number>();
  /** By start. */
  const placed: Placed[] = [];
  let total = 0;
  const order = lives.map((life, i) => ({ life, i })).sort((a, b) => b.life.bytes - a.life.bytes || a.i - b.i);
  for (const { life } of order) {
    let at = -1;
    let smallest = Number.POSITIVE_INFINITY;
    let taken = 0;
    for (const p of placed) {
      if (!overlaps(p.life, life)) continue;
      const gap = p.start - taken;
      if (gap >= life.bytes && gap < smallest) {
        smallest = gap;
        at = taken;
      }
      taken = Math.max(taken, p.end);
    }
    const start = at >= 0 ? at : taken;
    const end = start + aligned(life.bytes);
    offsets.set(life.buffer, start);
    placed.splice(placed.findLastIndex((p) => p.start <= start) + 1, 0, { life, start, end });
    total = Math.max(total, end);
  }
  return { offsets, bytes: total };
}
