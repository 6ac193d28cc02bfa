/**
 * Long sums that many outputs take over the same data, a depthwise weight gradient for one: if each output walked all of
 * them alone, the data would come from far away every time, a piece of a line at a time. Instead the outermost reduction
 * loops go around the output's loops, a near piece of the data serves all outputs, and their partial sums wait in the
 * output. Each sum's terms stay in order.
 */
import { loadsOf, substituteAxes, typeOf } from "../../kernel/expr.ts";
import { type Axis, axis, Int } from "../../kernel/int.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { affineOf, affineRange } from "./affine.ts";

/** Bytes: more is far; a piece may be so long. */
const [FAR, PIECE] = [256 * 1024, 64 * 1024];

/** The kernel's outermost reduction axes, or parts of one, taken out of it. */
export function splitVisits(k: Kernel, inner: Axis): { readonly visits: readonly Axis[]; readonly kernel: Kernel } {
  const once = { visits: [], kernel: k };
  const partial = k.combine === "sum" && k.post.kind === "acc" && k.out.dtype === "f32" && typeOf(k.body) === "f32";
  const outputs = k.axes.reduce((n, a) => n * a.extent, 1);
  if (k.reduce.length === 0 || !partial || outputs <= 16 || bytesOf(k, k.reduce, inner) <= FAR) return once;
  const visits: Axis[] = [];
  let reduce = k.reduce;
  while (reduce.length > 1 && bytesOf(k, reduce, inner) > PIECE) {
    visits.push(reduce[0]!);
    reduce = reduce.slice(1);
  }
  const whole = reduce[0]!;
  const bytes = bytesOf(k, reduce, inner);
  const part = divisors(whole.extent).find((n) => (bytes / whole.extent) * n <= PIECE) ?? 1;
  if (bytes <= PIECE || reduce.length > 1 || part < 8) return { visits, kernel: { ...k, reduce } };
  const [block, near] = [axis(`${whole.name}v`, whole.extent / part), axis(whole.name, part)];
  const map = new Map([[whole, Int.of(block).mul(part).add(near)]]);
  return { visits: [...visits, block], kernel: { ...k, reduce: [near], body: substituteAxes(k.body, map) } };
}

/** Bytes between the first and the last that the loads reach over some reduction axes and the innermost output axis. */
function bytesOf(k: Kernel, reduce: readonly Axis[], inner: Axis): number {
  const over = new Set([...reduce, inner]);
  const spans = loadsOf(k.body).map((l) => {
    const { min, max } = affineRange(affineOf(l.index[0]!), (a) => over.has(a));
    return 4 * (max - min + 1);
  });
  return Math.max(0, ...spans);
}

/** Largest first. */
const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i).filter((d) => n % d === 0);
