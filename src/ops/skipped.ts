/** Elements that no window reads: what a stride leaves over. */
import { type Shape, sizeOf } from "../base/shape.ts";
import { warn } from "../ir/trace.ts";
import { type WindowAttrs, windowCount } from "./window.ts";

/** How many windows read each of the `n` elements along axis d. Windows counted by `count`, by default those that fit. */
export function coverageAlong(
  n: number,
  w: WindowAttrs,
  d: number,
  count: number = windowCount(n, w.kernel[d]!, w.stride[d]!, w.padding[d]!, w.dilation[d]!),
): number[] {
  const seen = new Array<number>(n).fill(0);
  for (let o = 0; o < count; o++) {
    for (let k = 0; k < w.kernel[d]!; k++) {
      const i = o * w.stride[d]! + k * w.dilation[d]! - w.padding[d]![0];
      if (i >= 0 && i < n) seen[i]!++;
    }
  }
  return seen;
}

/** Elements along one axis that no window reads, though no padding crops them. */
export interface Skipped {
  /** At the end, where another window would not fit. */
  readonly last: number;
  /** Between windows. */
  readonly between: number;
}

/** What windows skip along axis d of `n` elements. */
export function skippedAlong(n: number, w: WindowAttrs, d: number): Skipped {
  const [before, after] = w.padding[d]!;
  const kept = coverageAlong(n, w, d).slice(Math.max(0, -before), n - Math.max(0, -after));
  const lastRead = kept.findLastIndex((seen) => seen > 0);
  return { last: kept.length - 1 - lastRead, between: kept.slice(0, lastRead + 1).filter((seen) => seen === 0).length };
}

/** What indices along each axis are called. */
export const AXIS_NAMES: readonly (readonly string[])[] = [["elements"], ["rows", "columns"], ["planes", "rows", "columns"]];

/**
 * Warns if the windows of `op` over inputs with these extents skip some of them. Windows of a single element are no accident: they take
 * every s-th on purpose.
 */
export function warnOfSkipped(op: string, space: Shape, w: WindowAttrs): void {
  if (w.kernel.every((k) => k === 1)) return;
  const names = AXIS_NAMES[space.length - 1]!;
  const skipped = space.map((n, d) => skippedAlong(n, w, d));
  const parts = skipped.flatMap(({ last, between }, d) => [
    ...(last > 0 ? [`the last ${last} of ${space[d]} ${names[d]}`] : []),
    ...(between > 0 ? [`${between} of ${space[d]} ${names[d]} between windows`] : []),
  ]);
  if (parts.length === 0) return;
  const read = space.reduce((product, n, d) => product * (n - skipped[d]!.last - skipped[d]!.between), 1);
  const all = sizeOf(space);
  warn(op, `no window reads ${parts.join(", ")}: ${all - read} of ${all} elements are skipped. ${remedyOf(skipped, space, w)}`);
}

/** What to do about it, in a sentence. */
export function remedyOf(skipped: readonly Skipped[], space: Shape, w: WindowAttrs): string {
  const gap = skipped.findIndex((s) => s.between > 0);
  if (gap >= 0) return `Use a stride of at most ${w.kernel[gap]}, or less dilation`;
  const sides = (change: (rest: number, d: number) => number): string =>
    `[${w.padding.map(([before, after], d) => `[${before}, ${after + change(restOf(space[d]!, w, d), d)}]`).join(", ")}]`;
  const more = sides((rest, d) => (skipped[d]!.last > 0 ? w.stride[d]! - rest : 0));
  const crop = sides((rest, d) => (skipped[d]!.last > 0 ? -rest : 0));
  return `Use padding ${more} for one window more (a pool: ceilMode), or ${crop} to crop them on purpose`;
}

/** How many elements are left over after the last window, padding included. */
function restOf(n: number, w: WindowAttrs, d: number): number {
  const room = n + w.padding[d]![0] + w.padding[d]![1] - w.dilation[d]! * (w.kernel[d]! - 1) - 1;
  return room % w.stride[d]!;
}
