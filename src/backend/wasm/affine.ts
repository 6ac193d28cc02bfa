import { type Affine, type Axis, Int } from "../../kernel/int.ts";

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
