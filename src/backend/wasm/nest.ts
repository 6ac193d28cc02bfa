/** The plan of a generic kernel, or of siblings: order of loops, what is vectorized, unrolled and blocked. */
import { type Buffer, type Expr, type Guard, type Load, loadsOf, substituteAxes } from "../../kernel/expr.ts";
import { type Axis, axis, Int } from "../../kernel/int.ts";
import { isPointwise, type Kernel, kernelLoads } from "../../kernel/kernel.ts";
import { type Interior, interiorOf } from "./interior.ts";
import { mergeKernelAxes } from "./merge.ts";
import { accumulatorSize } from "./reduction.ts";
import { sameReduction, splitVisits } from "./visits.ts";

/** How many output elements one round of the innermost code makes. */
export interface Block {
  /** Iterations of the last outer axis, side by side so that they share loads. */
  readonly jam: number;
  /** Where along the inner axis each value begins: single elements or vectors. */
  readonly starts: readonly number[];
}

export interface Nest {
  /** Merged, with their guards; several where they are siblings. */
  readonly kernels: readonly Kernel[];
  readonly interior: Interior;
  /** Reduction axes outside the output's loops: their partial sums live in the output. */
  readonly visits: readonly Axis[];
  /** Output axes but the innermost, outermost first. */
  readonly outer: readonly Axis[];
  readonly inner: Axis;
  /** Whether four neighbours along `inner` are one vector. */
  readonly vector: boolean;
  /** Elements along `inner` that no guard tells apart: a vector's, where guards change only between vectors, else 1. */
  readonly grain: 1 | 4;
  /** Iterations of the last outer axis per round, and elements along the inner axis. */
  readonly jam: number;
  readonly width: number;
  /** Reduction axes that stay loops, outermost first. */
  readonly rolled: readonly Axis[];
  /** For each kernel, the values of its other, unrolled reduction axes, in order. */
  readonly taps: readonly (readonly Point[])[];
}

type Point = ReadonlyMap<Axis, Int>;

export function planNest(...addressed: readonly Kernel[]): Nest {
  const merged = mergeKernelAxes(addressed);
  const [first] = merged as readonly [Kernel];
  const blocks = first.axes.filter((a) => first.chain?.blocks.includes(a));
  const free = first.axes.filter((a) => !blocks.includes(a));
  const { inner, vector } = chooseInner(interiorOf(merged, []).kernels, free);
  const outer = [...blocks, ...free.filter((a) => a !== inner).sort((a, b) => distance(first, b) - distance(first, a))];
  const { visits, kernels: near } = splitVisits(merged, inner);
  const shape = chooseBlock(interiorOf(near, visits).kernels, outer.at(-1), inner, vector);
  const kernels = shape.split ? splitReduction(near, shape.split) : near;
  const { reduce } = kernels[0]!;
  const rolled = reduce.slice(0, Math.max(0, reduce.length - shape.unrolled));
  const taps = kernels.map((k) => points(k.reduce.slice(rolled.length)));
  const guards = kernels.flatMap(kernelLoads).flatMap((l) => l.guards);
  const whole = vector && inner.extent % 4 === 0 && !first.within;
  const grain = whole && guards.every((g) => aligned(g, inner)) ? 4 : 1;
  const width = vector ? 4 * shape.vectors : 1;
  return { kernels, interior: interiorOf(kernels, visits), visits, outer, inner, vector, grain, jam: shape.jam, width, rolled, taps };
}

/** Whether a guard holds for all or none of any four neighbours from a multiple of four on. */
function aligned(g: Guard, inner: Axis): boolean {
  const at = g.at.takeApart();
  const step = g.at.step(inner);
  if (step === 0) return true;
  const constant = at.steps.size === 1 && at.jumps.length === 0;
  return constant && step === 1 && g.test === "inRange" && (g.low - at.constant) % 4 === 0 && (g.high - at.constant) % 4 === 0;
}

const distance = (k: Kernel, a: Axis): number => Math.abs(k.at[0]!.step(a) ?? 0);

/** Every combination of values of some axes, in loop order. */
function points(axes: readonly Axis[]): Point[] {
  return axes.reduce<Point[]>(
    (list, a) => list.flatMap((point) => Array.from({ length: a.extent }, (_, i) => new Map([...point, [a, Int.of(i)]]))),
    [new Map()],
  );
}

/** The one of these axes that costs least per element as the innermost, in vectors if all accesses allow it. */
function chooseInner(kernels: readonly Kernel[], axes: readonly Axis[]): { readonly inner: Axis; readonly vector: boolean } {
  const [k] = kernels as readonly [Kernel];
  const total = (costs: readonly (number | undefined)[]): number | undefined =>
    costs.reduce((sum, cost) => (sum === undefined || cost === undefined ? undefined : sum + cost), 0);
  const scalar = total(kernels.map((own) => termsOf(own) * loadsOf(own.body).length + loadsOf(own.post).length + 1))!;
  let best: { inner: Axis; vector: boolean; cost: number } | undefined;
  for (const a of axes) {
    const four = a.extent < 4 ? undefined : total(kernels.map((own) => vectorCost(own, a)));
    const vectors = Math.floor(a.extent / 4);
    const cost = four === undefined ? scalar : (vectors * four + (a.extent % 4) * scalar) / a.extent;
    const better = !best || cost < best.cost || (cost === best.cost && distance(k, a) < distance(k, best.inner));
    if (better) best = { inner: a, vector: four !== undefined && cost < scalar, cost };
  }
  return best ?? { inner: axis("one", 1), vector: false };
}

const termsOf = (k: Kernel): number => k.reduce.reduce((n, a) => n * a.extent, 1);

/** Cost of four neighbours along `a`, or undefined where they cannot be a vector. */
function vectorCost(k: Kernel, a: Axis): number | undefined {
  const GATHER = 4;
  const steps = (e: Expr): (number | undefined)[] => [...loadsOf(e).map((l) => l.index[0]!.step(a)), ...indexSteps(e, a)];
  const cost = (step: number): number => (step === 0 || step === 1 ? 1 : GATHER);
  const all = [k.at[0]!.step(a), ...steps(k.body), ...steps(k.post)];
  const varies = kernelLoads(k).some((l) => l.guards.some((g) => g.at.step(a) !== 0));
  const cut = (k.within ?? []).some((w) => (w.at.step(a) ?? -1) < 0);
  if (varies || cut || all.some((s) => s === undefined || s < 0)) return undefined;
  const total = (e: Expr): number => loadsOf(e).reduce((sum, l) => sum + cost(l.index[0]!.step(a)!), 0);
  return termsOf(k) * total(k.body) + total(k.post) + cost(k.at[0]!.step(a)!);
}

/** Steps of the index values within an expression. */
function indexSteps(e: Expr, a: Axis): (number | undefined)[] {
  if (e.kind === "index") return [e.at.step(a)];
  const parts = e.kind === "binary" ? [e.a, e.b] : e.kind === "select" ? [e.a, e.b, e.then, e.otherwise] : "a" in e ? [e.a] : [];
  return parts.flatMap((part) => indexSteps(part, a));
}

interface BlockShape {
  readonly jam: number;
  /** Vectors along the inner axis; 1 also for single elements. */
  readonly vectors: number;
  /** How many reduction axes, counted from the innermost, are unrolled. */
  readonly unrolled: number;
  /** Factor by which the innermost reduction axis is split first; the new innermost axis has this extent. */
  readonly split: number;
}

/**
 * V8 moves all loads of straight-line code to its front, so what a round loads must fit into 15 registers together with
 * the accumulators. Among the rounds that fit, the one with the fewest instructions per term.
 */
function chooseBlock(kernels: readonly Kernel[], last: Axis | undefined, inner: Axis, vector: boolean): BlockShape {
  if (kernels.every(isPointwise)) return { jam: 1, vectors: vector ? widest(inner.extent, 4) : 1, unrolled: 0, split: 0 };
  let best: { shape: BlockShape; cost: number } | undefined;
  for (const { kernels: own, unrolled, split } of unrollings(kernels)) {
    for (const jam of jamFactors(kernels, last)) {
      for (const vectors of vector ? [4, 3, 2, 1].filter((n) => n * 4 <= inner.extent) : [1]) {
        const shape = { jam, vectors, unrolled, split };
        const cost = blockCost(own, shape, last, inner, vector);
        if (cost !== undefined && (!best || cost < best.cost)) best = { shape, cost };
      }
    }
  }
  return best?.shape ?? { jam: 1, vectors: 1, unrolled: inOneLoop(kernels) ? 0 : WHOLE, split: 0 };
}

/** All reduction axes, however many. */
const WHOLE = Number.POSITIVE_INFINITY;

/** Whether the terms of all come in the same loops. */
const inOneLoop = (kernels: readonly Kernel[]): boolean => kernels.every((k) => sameReduction(k, kernels[0]!));

/** The most vectors that a round may have, preferably dividing the axis. */
function widest(extent: number, limit: number): number {
  const vectors = Math.floor(extent / 4);
  for (let n = Math.min(limit, vectors); n > 1; n--) if (vectors % n === 0 && 2 * n >= limit) return n;
  return Math.max(1, Math.min(limit, vectors));
}

/** A way to unroll a reduction. */
interface Unrolling {
  readonly kernels: readonly Kernel[];
  readonly unrolled: number;
  readonly split: number;
}

/** The ways to unroll a reduction: its innermost axes whole, or a part of the innermost. Siblings with reductions of their own are unrolled whole. */
function unrollings(kernels: readonly Kernel[]): Unrolling[] {
  const MOST = 12;
  if (!inOneLoop(kernels)) return [{ kernels, unrolled: WHOLE, split: 0 }];
  const { reduce } = kernels[0]!;
  const list: Unrolling[] = [{ kernels, unrolled: 0, split: 0 }];
  let terms = 1;
  for (let n = 1; n <= reduce.length; n++) {
    terms *= reduce[reduce.length - n]!.extent;
    if (terms <= MOST) list.push({ kernels, unrolled: n, split: 0 });
  }
  const innermost = reduce.at(-1)!.extent;
  for (const split of [2, 4]) {
    if (innermost > MOST && innermost % split === 0) list.push({ kernels: splitReduction(kernels, split), unrolled: 1, split });
  }
  return list;
}

/** The kernels with their innermost reduction axis as two, the inner of extent `by`. */
function splitReduction(kernels: readonly Kernel[], by: number): readonly Kernel[] {
  const { reduce } = kernels[0]!;
  const whole = reduce.at(-1)!;
  const [outer, inner] = [axis(whole.name, whole.extent / by), axis(`${whole.name}u`, by)];
  const map = new Map([[whole, Int.of(outer).mul(by).add(inner)]]);
  return kernels.map((k) => ({ ...k, reduce: [...reduce.slice(0, -1), outer, inner], body: substituteAxes(k.body, map) }));
}

/** Iterations of the last outer axis that may run side by side. */
function jamFactors(kernels: readonly Kernel[], last: Axis | undefined): number[] {
  if (!last) return [1];
  const places = kernels.flatMap((k) => [...k.at, ...kernelLoads(k).flatMap((l) => l.index)]);
  const backwards = places.some((i) => (i.step(last) ?? -1) < 0);
  const cut = kernels.some((k) => (k.within ?? []).some((w) => w.at.step(last) !== 0));
  return backwards || cut ? [1] : [1, 2, 3, 4].filter((n) => n <= last.extent);
}

/** Instructions per term and output vector, or undefined where registers run out. */
function blockCost(
  kernels: readonly Kernel[],
  block: BlockShape,
  last: Axis | undefined,
  inner: Axis,
  vector: boolean,
): number | undefined {
  const REGISTERS = 15;
  const LOOP = 6;
  const outputs = block.jam * block.vectors;
  const sums = outputs * kernels.reduce((n, k) => n + accumulatorSize(k.combine), 0);
  // Most of the larger rounds fail by their sums alone.
  if (sums + 1 > REGISTERS && outputs > 1) return undefined;
  let [terms, arithmetic] = [0, 0];
  const places = new Places();
  for (const k of kernels) {
    const taps = k.reduce.slice(Math.max(0, k.reduce.length - block.unrolled));
    const own = taps.reduce((n, a) => n * a.extent, 1);
    const moves: readonly Move[] = [
      ...taps.map((a) => [a, a.extent, 1] as const),
      ...(last ? [[last, block.jam, 1] as const] : []),
      [inner, block.vectors, 4],
    ];
    const loads = loadsOf(k.body);
    for (const l of loads) places.add(l, moves);
    terms += own;
    arithmetic += own * (loads.length + (k.combine === "sum" ? 0 : 2));
  }
  if (places.count + sums + 1 > REGISTERS && (outputs > 1 || terms > kernels.length)) return undefined;
  const loops = block.unrolled < kernels[0]!.reduce.length ? LOOP : 0;
  // memory comes in lines of four vectors, and the processor fetches ahead best if each is read at once
  const lines = vector ? 0.5 * (4 / block.vectors - 1) : 0;
  const remainder = last && block.jam > 1 ? 2 * ((last.extent % block.jam) / last.extent) : 0;
  return ((places.count + loops) / (outputs * terms) + arithmetic / terms + lines) * (1 + remainder);
}

/** An axis that takes so many values at a distance. */
type Move = readonly [axis: Axis, count: number, distance: number];

/** How many different elements or vectors some loads read as axes take their values. */
class Places {
  readonly #seen = new Map<string, Set<number>>();
  readonly #buffers = new Map<Buffer, number>();
  /** Of loads whose places cannot be told apart. */
  #others = 0;

  get count(): number {
    return [...this.#seen.values()].reduce((n, offsets) => n + offsets.size, this.#others);
  }

  add(l: Load, moves: readonly Move[]): void {
    const offset = l.index[0]!;
    const { constant, steps, jumps } = offset.takeApart();
    let different = [constant];
    let factor = 1;
    for (const [a, count, distance] of moves) {
      if (count === 1) continue;
      const step = offset.step(a);
      if (step === undefined) factor *= count;
      else if (step !== 0) different = moved(different, count, step * distance);
    }
    if (jumps.length > 0) {
      this.#others += new Set(different).size * factor;
      return;
    }
    if (!this.#buffers.has(l.buffer)) this.#buffers.set(l.buffer, this.#buffers.size);
    const unmoved = [...steps].filter(([a]) => moves.every(([b]) => a !== b)).map(([a, step]) => `${a.name}${step}`);
    const key = `${this.#buffers.get(l.buffer)} ${unmoved.sort()}`;
    const seen = this.#seen.get(key) ?? new Set();
    for (const x of different) seen.add(x);
    this.#seen.set(key, seen);
  }
}

/** The offsets, and each of them moved by up to `count` - 1 times so much. */
function moved(offsets: readonly number[], count: number, by: number): number[] {
  const all: number[] = [];
  for (const x of offsets) for (let i = 0; i < count; i++) all.push(x + i * by);
  return all;
}

/** The output points of a block, each as what takes the place of the jammed and the inner axis. */
export function instances(last: Axis | undefined, inner: Axis, block: Block): Point[] {
  const list: Point[] = [];
  for (let j = 0; j < block.jam; j++) {
    for (const start of block.starts) {
      const point = new Map<Axis, Int>();
      if (last && j > 0) point.set(last, Int.of(last).add(j));
      if (start > 0) point.set(inner, Int.of(inner).add(start));
      list.push(point);
    }
  }
  return list;
}
