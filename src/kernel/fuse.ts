/**
 * Fusion by substitution: a kernel swallows the one that makes its input, so that the value between them is never stored.
 *
 * - views (a load and nothing else) go into whoever reads them;
 * - what a reduction or anything else makes goes into the epilogue of the pointwise kernel that alone reads it;
 * - a pointwise kernel goes into the reduction that alone reads it and reads each element once.
 *
 * What several kernels write in parts goes nowhere, but the pointwise kernel that alone reads it goes into the epilogue of each.
 *
 * The arithmetic per element stays the same, so do the bits.
 */
import type { Buffer, Expr, Load } from "./expr.ts";
import { loadsOf, mapExpr, substituteAxes } from "./expr.ts";
import type { Axis } from "./int.ts";
import { Int } from "./int.ts";
import { buffersRead, isPointwise, type Kernel, kernelLoads } from "./kernel.ts";

/** Fuses kernels given in order of execution. `kept` are buffers that must be written: outputs and new states. */
export function fuse(kernels: readonly Kernel[], kept: ReadonlySet<Buffer>): Kernel[] {
  const live = new Set(kernels);
  const makers = new Map<Buffer, Set<Kernel>>();
  for (const k of kernels) makers.set(k.out, (makers.get(k.out) ?? new Set()).add(k));
  const readers = new Map<Buffer, Set<Kernel>>();
  const link = (k: Kernel): void => {
    for (const b of buffersRead(k)) readers.set(b, (readers.get(b) ?? new Set()).add(k));
  };
  const remove = (k: Kernel): void => {
    for (const b of buffersRead(k)) readers.get(b)!.delete(k);
    live.delete(k);
    makers.get(k.out)!.delete(k);
  };
  const replace = (old: Kernel, fused: readonly Kernel[]): void => {
    remove(old);
    for (const k of fused) {
      live.add(k);
      makers.get(k.out)!.add(k);
      link(k);
    }
  };
  const drop = (k: Kernel): void => {
    if (!kept.has(k.out) && (readers.get(k.out)?.size ?? 0) === 0) remove(k);
  };
  const isAlone = (b: Buffer): boolean => readers.get(b)!.size === 1 && !kept.has(b);
  kernels.forEach(link);

  const result: Kernel[] = [];
  for (const original of kernels) {
    let k = original;
    for (let again = true; again; ) {
      again = false;
      for (const b of buffersRead(k)) {
        const p = only(makers.get(b));
        if (!p) continue;
        const fused = inlineView(p, k) ?? (isAlone(b) ? (intoEpilogue(p, k) ?? intoReduction(p, k)) : undefined);
        if (!fused) continue;
        replace(k, [fused]);
        drop(p);
        k = fused;
        again = true;
        break;
      }
    }
    const inParts = buffersRead(k)
      .filter((b) => (makers.get(b)?.size ?? 0) > 1 && isAlone(b))
      .map((b) => intoEpilogues([...makers.get(b)!], k))
      .find((fused) => fused !== undefined);
    if (inParts) {
      replace(k, inParts.fused);
      for (const p of inParts.parts) drop(p);
    }
    result.push(...(inParts?.fused ?? [k]));
  }
  return result.filter((k) => live.has(k));
}

/** The only one, if there is one and no other. */
function only<T>(set: ReadonlySet<T> | undefined): T | undefined {
  if (set?.size === 1) for (const x of set) return x;
  return undefined;
}

/** The value a pointwise kernel gives at its axes. */
const pointValue = (k: Kernel): Expr => mapExpr(k.post, (e) => (e.kind === "acc" ? k.body : e));

/** Whether the kernel's axes are the dimensions of its output, in order. */
const isDirect = (k: Kernel): boolean =>
  k.within === undefined && k.axes.length === k.at.length && k.at.every((i, d) => isAxis(i, k.axes[d]!));

const isAxis = (i: Int, a: Axis): boolean => i.equals(Int.of(a));

/** `k` with every load of `b` replaced. */
function replaceLoads(k: Kernel, b: Buffer, by: (l: Load) => Expr): Kernel {
  const go = (e: Expr): Expr => mapExpr(e, (x) => (x.kind === "load" && x.buffer === b ? by(x) : x));
  return { ...k, body: go(k.body), post: go(k.post) };
}

/** The value of `p` at `index`. */
const valueAt = (p: Kernel, index: readonly Int[]): Expr => substituteAxes(pointValue(p), new Map(p.axes.map((a, d) => [a, index[d]!])));

/** `k` reading through the view `p`, if `p` is one and the indices stay affine. */
function inlineView(p: Kernel, k: Kernel): Kernel | undefined {
  if (!isPointwise(p) || !isDirect(p)) return undefined;
  const value = p.post.kind === "acc" ? p.body : p.post;
  if (value.kind === "const") {
    // Where a guard decides between the constant and zero, the load stays.
    const everywhere = kernelLoads(k).every((l) => l.buffer !== p.out || l.guards.length === 0);
    return everywhere ? replaceLoads(k, p.out, () => value) : undefined;
  }
  if (value.kind !== "load" || value.guards.length > 0 || value.buffer.dtype !== p.out.dtype) return undefined;
  const fused = replaceLoads(k, p.out, (l) => {
    const inner = valueAt(p, l.index) as Load;
    return { ...inner, guards: l.guards, otherwise: l.otherwise };
  });
  const simple = kernelLoads(fused).every((l) => l.buffer !== value.buffer || l.index.every((i) => affineInPhase(i, l)));
  return simple ? fused : undefined;
}

/** Whether the index is affine once the loops are split by phase: divisions may stand where a guard says that they leave no rest. */
function affineInPhase(i: Int, l: Load): boolean {
  if (i.op === "div") return l.guards.some((g) => g.test === "isZero" && g.at.op === "mod" && g.at.args[0]!.equals(i.args[0]!));
  return i.op !== "mod" && i.args.every((a) => affineInPhase(a, l));
}

/** `p` with the pointwise kernel `k`, which reads p's output at its own place, as epilogue. */
function intoEpilogue(p: Kernel, k: Kernel): Kernel | undefined {
  if (!isPointwise(k) || k.within !== undefined || p.within !== undefined || p.contraction) return undefined;
  if (p.out.shape.length !== k.axes.length || p.out.shape.some((extent, d) => extent !== k.axes[d]!.extent)) return undefined;
  const value = pointValue(k);
  const own = loadsOf(value).filter((l) => l.buffer === p.out);
  if (!own.every((l) => l.guards.length === 0 && l.index.every((i, d) => isAxis(i, k.axes[d]!)))) return undefined;
  const place = new Map(k.axes.map((a, d) => [a, p.at[d]!]));
  const post = mapExpr(substituteAxes(value, place), (e) => (e.kind === "load" && e.buffer === p.out ? p.post : e));
  return { ...p, name: `${p.name}+${k.name}`, out: k.out, at: k.at.map((i) => i.substitute(place)), post };
}

/** The kernels that write parts of one buffer, each with the pointwise kernel `k`, which alone reads it, as epilogue. */
function intoEpilogues(
  parts: readonly Kernel[],
  k: Kernel,
): { readonly parts: readonly Kernel[]; readonly fused: readonly Kernel[] } | undefined {
  const fused = parts.map((p) => intoEpilogue(p, k));
  return fused.every((f) => f !== undefined) ? { parts, fused } : undefined;
}

/** The reduction `k` with the pointwise kernel `p` inside, if it reads each element of p once. */
function intoReduction(p: Kernel, k: Kernel): Kernel | undefined {
  if (!isPointwise(p) || !isDirect(p) || isPointwise(k) || k.contraction) return undefined;
  const own = kernelLoads(k).filter((l) => l.buffer === p.out);
  if (own.length !== 1 || own[0]!.guards.length > 0 || loadsOf(k.post).some((l) => l.buffer === p.out)) return undefined;
  const points = [...k.axes, ...k.reduce].reduce((n, a) => n * a.extent, 1);
  const elements = p.out.shape.reduce((n, e) => n * e, 1);
  if (points > elements) return undefined;
  return { ...replaceLoads(k, p.out, (l) => valueAt(p, l.index)), name: `${p.name}+${k.name}` };
}
