import { children, type Expr, type Guard } from "./expr.ts";
import { type Axis, axis, Int } from "./int.ts";
import { type Kernel, reindex } from "./kernel.ts";

/**
 * Neighbours among `which` (in that order, all output axes or all reduction axes of `k`) become one axis where every index of
 * the kernel walks them as one: fewer, longer loops over the same elements in the same order.
 */
export function mergeAxes(k: Kernel, which: readonly Axis[]): { readonly kernel: Kernel; readonly merged: readonly Axis[] } {
  let kernel = k;
  const merged: Axis[] = [];
  for (const x of which) {
    const last = merged.at(-1);
    const joint = last && composes(kernel, last, x) ? axis(`${last.name}${x.name}`, last.extent * x.extent) : undefined;
    if (!last || !joint) {
      merged.push(x);
      continue;
    }
    const map = new Map([
      [last, Int.of(0)],
      [x, Int.of(joint)],
    ]);
    const rename = (axes: readonly Axis[]): Axis[] => axes.filter((y) => y !== last).map((y) => (y === x ? joint : y));
    kernel = reindex(kernel, map, rename(kernel.axes), rename(kernel.reduce));
    merged[merged.length - 1] = joint;
  }
  return { kernel, merged };
}

/** Whether stepping `outer` by one is stepping `inner` by its extent, in every index. */
function composes(k: Kernel, outer: Axis, inner: Axis): boolean {
  const walks = (i: Int): boolean => {
    const [x, y] = [i.step(outer), i.step(inner)];
    return x !== undefined && y !== undefined && x === y * inner.extent;
  };
  const guardsApart = (guards: readonly Guard[]): boolean => guards.every((g) => g.at.step(outer) === 0 && g.at.step(inner) === 0);
  const inExpr = (e: Expr): boolean =>
    e.kind === "load"
      ? e.index.every(walks) && guardsApart(e.guards)
      : e.kind === "index"
        ? walks(e.at)
        : e.kind === "table"
          ? walks(e.row) && walks(e.column)
          : children(e).every(inExpr);
  const bounds = (k.within ?? []).every((w) => w.at.step(outer) === 0 && w.at.step(inner) === 0);
  return k.at.every(walks) && bounds && inExpr(k.body) && inExpr(k.post);
}
