/**
 * Two axes that move every index as one longer axis would become that axis: a dense elementwise kernel of any rank is one
 * flat loop. A guard that bounds the outer of the two is rewritten to bound the merged axis, so that copying rows of RGB
 * pixels into a padded image is a copy of contiguous floats.
 */
import { alwaysHolds, type Expr, type Guard, mapExpr } from "../../kernel/expr.ts";
import { type Axis, axis, Int } from "../../kernel/int.ts";
import { type Kernel, kernelLoads } from "../../kernel/kernel.ts";

/**
 * A kernel, or siblings, with as few axes as mean the same; they have no contraction roles any more. Terms of a reduction keep their
 * order.
 */
export function mergeKernelAxes(given: readonly Kernel[]): readonly Kernel[] {
  let kernels: readonly Kernel[] = given.map(({ contraction: _, ...plain }) => dropTrivialAxes(plain));
  for (let next: readonly Kernel[] | undefined = kernels; next; next = mergeOnce(kernels)) kernels = next;
  return kernels;
}

const dropTrivialAxes = (k: Kernel): Kernel => ({
  ...k,
  axes: k.axes.filter((a) => a.extent !== 1),
  reduce: k.reduce.filter((a) => a.extent !== 1),
});

function mergeOnce(kernels: readonly Kernel[]): readonly Kernel[] | undefined {
  const { axes } = kernels[0]!;
  for (const outer of axes) {
    for (const inner of axes) {
      const merged = outer === inner ? undefined : mergePair(kernels, outer, inner);
      if (merged) return merged;
    }
  }
  for (const { reduce } of kernels) {
    for (let i = 0; i + 1 < reduce.length; i++) {
      const merged = mergePair(kernels, reduce[i]!, reduce[i + 1]!);
      if (merged) return merged;
    }
  }
  return undefined;
}

/** The kernels with `outer` and `inner` replaced by one axis, or undefined where some index does not follow. */
function mergePair(kernels: readonly Kernel[], outer: Axis, inner: Axis): readonly Kernel[] | undefined {
  // The blocks of a chain stay as its other kernels have them.
  if (kernels.some((k) => k.chain?.blocks.some((a) => a === outer || a === inner))) return undefined;
  // Most pairs fail: that shows without making the kernels.
  const follows = (i: Int): boolean => composes(i, outer, inner);
  if (!kernels.every((k) => k.at.every(follows) && kernelLoads(k).every((l) => l.index.every(follows)))) return undefined;
  const one = axis(`${outer.name}${inner.name}`, outer.extent * inner.extent);
  const map = new Map([
    [outer, Int.of(0)],
    [inner, Int.of(one)],
  ]);
  let possible = true;
  const merged = (i: Int): Int => {
    possible &&= composes(i, outer, inner);
    return i.substitute(map);
  };
  const guard = (g: Guard): Guard => {
    if (composes(g.at, outer, inner)) return { ...g, at: merged(g.at) };
    const onOuter = g.test === "inRange" && g.at.step(outer) === 1 && g.at.step(inner) === 0 && inner.extent <= NARROW;
    possible &&= onOuter;
    if (!onOuter) return g;
    const others = g.at.substitute(new Map([[outer, Int.of(0)]])).mul(inner.extent);
    return { ...g, at: others.add(one), low: g.low * inner.extent, high: g.high * inner.extent };
  };
  const expr = (e: Expr): Expr =>
    mapExpr(e, (x) => {
      if (x.kind === "index") return { ...x, at: merged(x.at) };
      if (x.kind !== "load") return x;
      return { ...x, index: x.index.map(merged), guards: x.guards.map(guard).filter((g) => !alwaysHolds(g)) };
    });
  const axes = (list: readonly Axis[]): Axis[] => list.flatMap((a) => (a === outer ? [] : a === inner ? [one] : [a]));
  const result = kernels.map((k) => ({
    ...k,
    at: k.at.map(merged),
    axes: axes(k.axes),
    reduce: axes(k.reduce),
    body: expr(k.body),
    post: expr(k.post),
    ...(k.within && { within: k.within.map((w) => ({ at: merged(w.at), high: w.high })) }),
  }));
  return possible ? result : undefined;
}

/** A guarded axis merges only with one so short that a loop along it alone would not pay. */
const NARROW = 15;

/** Whether `outer` moves the index by exactly what all of `inner` does. */
function composes(i: Int, outer: Axis, inner: Axis): boolean {
  const { steps, jumps } = i.takeApart();
  const follows = (steps.get(outer) ?? 0) === (steps.get(inner) ?? 0) * inner.extent;
  return follows && jumps.every((j) => composes(j.int.args[0]!, outer, inner));
}
