/**
 * Long sums that many outputs take over the same data, a depthwise weight gradient for one: if each output walked all of
 * them alone, the data would come from far away every time, a piece of a line at a time. Instead the outermost reduction
 * loops go around the output's loops, a near piece of the data serves all outputs, and their partial sums wait in the
 * output. Each sum's terms stay in order.
 */
import { loadsOf, substituteAxes, typeOf } from "../../kernel/expr.ts";
import { type Axis, axis, Int } from "../../kernel/int.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { affineRange } from "./affine.ts";

/** Bytes: more is far; a piece may be so long. */
const [FAR, PIECE] = [256 * 1024, 64 * 1024];

/** The outermost reduction axes, or parts of one, of a kernel or of siblings, taken out of them. */
export function splitVisits(
  kernels: readonly Kernel[],
  inner: Axis,
): { readonly visits: readonly Axis[]; readonly kernels: readonly Kernel[] } {
  const [first] = kernels as readonly [Kernel];
  const once = { visits: [], kernels };
  const partial = (k: Kernel): boolean =>
    k.combine === "sum" && k.post.kind === "acc" && k.out.dtype === "f32" && typeOf(k.body) === "f32" && sameReduction(k, first);
  const outputs = first.axes.reduce((n, a) => n * a.extent, 1);
  if (first.reduce.length === 0 || !kernels.every(partial) || outputs <= 16 || bytesOf(kernels, first.reduce, inner) <= FAR) return once;
  const visits: Axis[] = [];
  let { reduce } = first;
  while (reduce.length > 1 && bytesOf(kernels, reduce, inner) > PIECE) {
    visits.push(reduce[0]!);
    reduce = reduce.slice(1);
  }
  const whole = reduce[0]!;
  const bytes = bytesOf(kernels, reduce, inner);
  const part = divisors(whole.extent).find((n) => (bytes / whole.extent) * n <= PIECE) ?? 1;
  if (bytes <= PIECE || reduce.length > 1 || part < 8) return { visits, kernels: kernels.map((k) => ({ ...k, reduce })) };
  const [block, near] = [axis(`${whole.name}v`, whole.extent / part), axis(whole.name, part)];
  const map = new Map([[whole, Int.of(block).mul(part).add(near)]]);
  const pieces = kernels.map((k) => ({ ...k, reduce: [near], body: substituteAxes(k.body, map) }));
  return { visits: [...visits, block], kernels: pieces };
}

/** Bytes between the first and the last that the loads reach over some reduction axes and the innermost output axis. */
function bytesOf(kernels: readonly Kernel[], reduce: readonly Axis[], inner: Axis): number {
  const over = new Set([...reduce, inner]);
  const spans = kernels
    .flatMap((k) => loadsOf(k.body))
    .map((l) => {
      const { min, max } = affineRange(l.index[0]!.takeApart(), (a) => over.has(a));
      return 4 * (max - min + 1);
    });
  return Math.max(0, ...spans);
}

/** Whether both have the same reduction axes, so that their terms can be taken in one loop. */
export const sameReduction = (a: Kernel, b: Kernel): boolean =>
  a.reduce.length === b.reduce.length && a.reduce.every((x, i) => x === b.reduce[i]);

/** Largest first. */
const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i).filter((d) => n % d === 0);
