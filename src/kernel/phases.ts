/**
 * Strided scatters as dense gathers. The gradient of a strided window reads dy[(i + p - k d) / s] where s divides; written
 * so, each element tests every tap. Split by phase (i = s i' + r) the taps that divide are known: k = q + t k', and the index
 * becomes affine. One kernel with tests becomes s without, each writing every s-th element.
 */
import { type Expr, type Guard, loadsOf, substituteAxes } from "./expr.ts";
import { type Axis, axis, Int } from "./int.ts";
import { type Kernel, verifyKernel } from "./kernel.ts";

/** The kernels that together do what `k` does, without tests for divisibility where they can be decided. */
export function splitPhases(k: Kernel): Kernel[] {
  if (k.combine !== "sum") return [k];
  for (const l of loadsOf(k.body)) {
    for (const g of l.guards) {
      if (g.test !== "isZero" || g.at.op !== "mod") continue;
      const stride = g.at.value;
      const inner = g.at.args[0]!;
      const outer = k.axes.find((a) => inner.step(a) === 1);
      const tap = k.reduce.find((a) => (inner.step(a) ?? 0) !== 0);
      const others = [...inner.axes()].filter((a) => a !== outer && a !== tap);
      if (!outer || others.length > 0 || !vanishes(k.body, g)) continue;
      return Array.from({ length: Math.min(stride, outer.extent) }, (_, r) => phase(k, outer, tap, inner, stride, r)).flatMap(splitPhases);
    }
  }
  return [k];
}

/** Whether a term is zero wherever the guard fails, so that it may be left out there. */
function vanishes(e: Expr, g: Guard): boolean {
  switch (e.kind) {
    case "load":
      return e.otherwise === 0 && e.guards.some((h) => h.test === g.test && h.at.equals(g.at));
    case "const":
      return e.value === 0;
    case "select":
      return vanishes(e.then, g) && vanishes(e.otherwise, g);
    case "binary":
      return e.fn === "mul" ? vanishes(e.a, g) || vanishes(e.b, g) : e.fn === "add" && vanishes(e.a, g) && vanishes(e.b, g);
    default:
      return false;
  }
}

function phase(k: Kernel, outer: Axis, tap: Axis | undefined, inner: Int, stride: number, r: number): Kernel {
  const coarse = axis(outer.name, Math.ceil((outer.extent - r) / stride));
  const map = new Map<Axis, Int>([[outer, Int.of(coarse).mul(stride).add(r)]]);
  let reduce = k.reduce;
  let none = (inner.origin + r) % stride !== 0;
  if (tap) {
    // Taps q, q + period, ... make the test true; which ones follows from the constant part and the dilation.
    const step = inner.step(tap)!;
    const hits = Array.from({ length: tap.extent }, (_, t) => t).filter((t) => (inner.origin + r + step * t) % stride === 0);
    none = hits.length === 0;
    const period = hits.length > 1 ? hits[1]! - hits[0]! : 1;
    const fewer = axis(tap.name, Math.max(hits.length, 1));
    map.set(
      tap,
      Int.of(fewer)
        .mul(period)
        .add(hits[0] ?? 0),
    );
    reduce = k.reduce.map((a) => (a === tap ? fewer : a));
  }
  const split: Kernel = {
    ...k,
    at: k.at.map((i) => i.substitute(map)),
    axes: k.axes.map((a) => (a === outer ? coarse : a)),
    reduce: none ? [] : reduce,
    body: none ? { kind: "const", value: 0 } : substituteAxes(k.body, map),
    post: substituteAxes(k.post, map),
  };
  verifyKernel(split);
  return split;
}
