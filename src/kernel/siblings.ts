/**
 * Siblings: kernels over the same points that read the same data run as one loop, so that the data come from memory once. A maximum
 * and where it is are two, so are a sum of gradients and their moment, and the phases of a strided gradient. Each keeps its own
 * arithmetic and its own order of terms, so do the bits.
 */
import { type Load, tablesOf } from "./expr.ts";
import { type Axis, Int } from "./int.ts";
import { type Kernel, kernelLoads, reindex } from "./kernel.ts";

/** Kernels with the same `Siblings` run as one; all have these axes. */
export interface Siblings {
  readonly axes: readonly Axis[];
}

/** Elements of an array that are worth reading once rather than twice: fewer stay in the first-level cache. */
const SHARED = 4096;
/** Terms of a sum that may be written out one by one. Siblings have the same reduction axes, or only so many terms each. */
const FEW_TERMS = 12;
/** Registers hold the sums of this many. */
const MOST = 4;

/** `k` over the axes of `others`, if it can be a sibling of all of them. */
export function siblingOf(k: Kernel, others: readonly Kernel[]): Kernel | undefined {
  const first = others[0]!;
  if (![k, ...others].every(canShare) || others.length === MOST || !alike(k.axes, first.axes)) return undefined;
  const sameTerms = alike(k.reduce, first.reduce) && others.every((o) => o.reduce === first.reduce);
  if (!sameTerms && ![k, ...others].every((o) => size(o.reduce) <= FEW_TERMS)) return undefined;
  const map = new Map(k.axes.map((a, i) => [a, Int.of(first.axes[i]!)]));
  if (sameTerms) k.reduce.forEach((a, i) => map.set(a, Int.of(first.reduce[i]!)));
  const moved = reindex(k, map, first.axes, sameTerms ? first.reduce : k.reduce);
  const walked = sameTerms ? [...first.axes, ...first.reduce] : first.axes;
  const together = (a: Load, b: Load): boolean => a.buffer === b.buffer && walked.every((x) => a.index[0]!.step(x) === b.index[0]!.step(x));
  const large = kernelLoads(moved).filter((l) => l.buffer.shape[0]! >= SHARED);
  return large.some((l) => others.some((o) => kernelLoads(o).some((m) => together(l, m)))) ? moved : undefined;
}

/** Addressed reductions that no template takes. */
const canShare = (k: Kernel): boolean =>
  k.reduce.length > 0 && !k.contraction && !k.transform && !k.chain && !k.within && !k.resumes && tablesOf(k.body).length === 0;

const size = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.extent, 1);

const alike = (a: readonly Axis[], b: readonly Axis[]): boolean => a.length === b.length && a.every((x, i) => x.extent === b[i]!.extent);
