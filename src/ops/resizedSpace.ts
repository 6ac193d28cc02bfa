import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { InterpolateOptions } from "./interpolate.ts";

/** Extents after interpolation with these options; undefined where they follow from one that is not known. */
export function resizedSpace(
  op: string,
  space: readonly (number | undefined)[],
  { size, scaleFactor }: InterpolateOptions,
): readonly (number | undefined)[] {
  if ((size === undefined) === (scaleFactor === undefined)) throw new OpError(op, "needs a size or a scaleFactor, and not both");
  const given = (size ?? scaleFactor)!;
  const all = typeof given === "number" ? space.map(() => given) : given;
  if (all.length !== space.length) throw new OpError(op, `needs ${space.length} numbers, got ${showShape(all)}`);
  if (scaleFactor !== undefined && all.some((f) => !(f > 0 && Number.isFinite(f)))) {
    throw new OpError(op, `scaleFactor must be above 0, got ${showShape(all)}`);
  }
  const sizes = size === undefined ? space.map((n, d) => (n === undefined ? undefined : Math.floor(n * all[d]!))) : all;
  if (sizes.some((s) => s !== undefined && (!Number.isInteger(s) || s < 1))) {
    throw new OpError(op, `the result must have at least one element along each axis, got ${showShape(sizes.map((s) => s ?? 0))}`);
  }
  return sizes;
}
