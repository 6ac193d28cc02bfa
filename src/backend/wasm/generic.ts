/**
 * Lowers any addressed kernel, or siblings: loops in the order of the store's strides, vectors along the innermost, reductions in
 * registers. Where guards can fail only near the borders, the interior runs without them.
 */

import { loadsOf, substituteAxes } from "../../kernel/expr.ts";
import { type Axis, Int } from "../../kernel/int.ts";
import { isPointwise, type Kernel } from "../../kernel/kernel.ts";
import { withoutTables } from "../../kernel/tables.ts";
import { accessOf, emitBlock, pointwise, type Scope } from "./block.ts";
import { emitGuards, emitIndex } from "./emitIndex.ts";
import { FunctionBuilder, type Local } from "./function.ts";
import { chooseItems, type Items, itemsOf, type Pieces } from "./items.ts";
import { emitNever } from "./loop.ts";
import { kernelBuffers, type LoweredKernel } from "./lowered.ts";
import { instances, type Nest, planNest } from "./nest.ts";
import { Pointers } from "./pointers.ts";
import { emitBorders, emitRounds, emitSmaller, emitWithin, pushBound, type Range, whole } from "./ranges.ts";
import { Structure } from "./structure.ts";

export function lowerGeneric(...given: readonly Kernel[]): LoweredKernel {
  const addressed = given.map(withoutTables);
  const nest = planNest(...addressed);
  const buffers = kernelBuffers(...addressed);
  const f = new FunctionBuilder(addressed.map((k) => k.name).join(" & "), [...buffers.map(() => "i32" as const), "i32", "i32"]);
  const structure = new Structure();
  const pointers = new Pointers(f, structure, new Set([...nest.visits, ...nest.outer]));
  announce(nest, pointers);
  const [lo, hi] = [f.param(buffers.length), f.param(buffers.length + 1)];
  const never = emitNever(f, lo);
  pointers.start((b) => f.param(buffers.indexOf(b)));
  const { chain } = nest.kernels[0]!;
  const blocks = chain && nest.outer.filter((a) => chain.blocks.includes(a));
  const items = blocks ? itemsOf(blocks, nest.inner) : chooseItems(nest.outer, nest.jam, nest.inner, leastPieces(nest));
  const first = nest.visits.length > 0 ? f.local("i32") : undefined;
  new Loops({ f, nest, pointers, structure, never, first }, items).emit(lo, hi);
  return { fn: f, buffers, items: items.count };
}

/** Lengths that pieces of the innermost loop may be multiples of, best first: visits like to read long runs. */
const leastPieces = (nest: Nest): readonly number[] => (!nest.vector ? [1] : nest.visits.length > 0 ? [64, 32, 16] : [16]);

/** Tells the pointers all that the blocks will access. */
function announce(nest: Nest, pointers: Pointers): void {
  const { kernels, interior } = nest;
  const points = instances(nest.outer.at(-1), nest.inner, { jam: nest.jam, starts: [0] });
  const of = (k: Kernel, i: number, guarded: boolean): void => {
    for (const p of points) {
      const elements = isPointwise(k)
        ? [substituteAxes(pointwise(k), p)]
        : [...nest.taps[i]!.map((tap) => substituteAxes(k.body, new Map([...p, ...tap]))), substituteAxes(k.post, p)];
      for (const l of elements.flatMap(loadsOf)) pointers.announce(accessOf(l, guarded));
      pointers.announce({ buffer: k.out, offset: k.at[0]!.substitute(p), guarded });
    }
  };
  interior.kernels.forEach((k, i) => {
    of(k, i, false);
  });
  if (interior.spans.size === 0) return;
  kernels.forEach((k, i) => {
    of(k, i, true);
  });
}

/** Which kernel runs: the interior's, the one with guards, or it is still open and `inside` says what is known. */
type Mode = "inside" | "guarded" | { readonly inside: Local | undefined };

class Loops {
  readonly #scope: Scope;
  readonly #items: Items;
  /** The last loop that has a border: within it is decided which kernel runs. */
  readonly #deciding: Axis | undefined;
  /** The loops of which an item has only a piece. */
  readonly #ranges = new Map<Axis, Range>();

  constructor(scope: Scope, items: Items) {
    this.#scope = scope;
    this.#items = items;
    const { visits, outer, inner, interior } = scope.nest;
    const { decoded } = items;
    const loops = [...decoded, ...visits, ...outer.slice(decoded.length), inner];
    this.#deciding = loops.findLast((a) => interior.spans.has(a));
  }

  emit(lo: Local, hi: Local): void {
    const { f } = this.#scope;
    const { decoded, ranged, inner } = this.#items;
    const mode: Mode = this.#deciding ? { inside: undefined } : "inside";
    const digits = [ranged, inner].filter((p) => p !== undefined && p.count > 1);
    if (decoded.length === 0 && digits.length <= 1) {
      // neighbouring items are neighbouring pieces of one loop: they run as one piece
      const { axis, grain } = digits[0] ?? inner;
      const [from, to] = [f.local("i32"), f.local("i32")];
      f.get(lo).i32(grain).op("i32.mul").set(from);
      emitSmaller(f, () => f.get(hi).i32(grain).op("i32.mul"), axis.extent, to);
      this.#ranges.set(axis, { from, to, multiple: common(grain, axis.extent) });
      return this.#visit(this.#scope.nest.visits, mode);
    }
    const item = f.local("i32");
    f.get(lo).set(item);
    f.range(item, hi, 1, () => {
      const left = f.local("i32");
      f.get(item).set(left);
      for (const p of [inner, ranged]) if (p && p.count > 1) this.#ranges.set(p.axis, this.#piece(left, p));
      const values = [...decoded].reverse().map((a) => [a, this.#digit(left, a.extent)] as const);
      this.#decode(values.reverse(), mode);
    });
  }

  /** Takes the last digit of a number off it. */
  #digit(left: Local, base: number): Local {
    const { f } = this.#scope;
    const digit = f.local("i32");
    f.get(left).i32(base).op("i32.rem_u").set(digit);
    f.get(left).i32(base).op("i32.div_u").set(left);
    return digit;
  }

  /** Takes the number of a piece off the item number. */
  #piece(left: Local, { axis, grain, count }: Pieces): Range {
    const { f } = this.#scope;
    const [from, to] = [this.#digit(left, count), f.local("i32")];
    f.get(from).i32(grain).op("i32.mul").set(from);
    emitSmaller(f, () => f.get(from).i32(grain).op("i32.add"), axis.extent, to);
    return { from, to, multiple: common(grain, axis.extent) };
  }

  /** Enters the axes that the item number fixes, then the loops. */
  #decode(axes: readonly (readonly [Axis, Local])[], mode: Mode): void {
    const [head, ...rest] = axes;
    if (!head) return this.#visit(this.#scope.nest.visits, mode);
    const [a, value] = head;
    this.#scope.pointers.inside(a, value, () => {
      this.#decide(a, value, mode, (next) => this.#decode(rest, next));
    });
  }

  /** The reduction loops around the output's. */
  #visit(axes: readonly Axis[], mode: Mode): void {
    const { f, pointers, first, nest } = this.#scope;
    const [head, ...rest] = axes;
    if (!head) return this.#loop(this.#items.decoded.length, mode, 1);
    if (axes === nest.visits) f.i32(1).set(first!);
    const at = f.local("i32");
    f.i32(0).set(at);
    f.range(at, head.extent, 1, () => {
      pointers.inside(head, at, () => this.#decide(head, at, mode, (next) => this.#visit(rest, next)));
      if (rest.length === 0) f.i32(0).set(first!);
    });
  }

  /** Emits `body` for the mode that holds at this value of `a`: twice, where this axis decides. */
  #decide(a: Axis, value: Local, mode: Mode, body: (mode: Mode) => void): void {
    const { f, nest } = this.#scope;
    const span = nest.interior.spans.get(a);
    if (typeof mode === "string" || !span) return body(mode);
    const inside = f.local("i32");
    emitWithin(f, value, span, mode.inside);
    f.set(inside);
    if (a !== this.#deciding) return body({ inside });
    f.get(inside).if(
      () => body("inside"),
      () => body("guarded"),
    );
  }

  /** The loop at `level` and all in it. `jam` iterations of the loop before run at once. */
  #loop(level: number, mode: Mode, jam: number): void {
    const { f, nest, pointers } = this.#scope;
    const a = nest.outer[level];
    if (!a) return this.#innermost(mode, jam);
    const range = this.#ranges.get(a) ?? whole(a);
    const at = f.local("i32");
    pushBound(f, range.from).set(at);
    const run = (r: Range, m: Mode): void => {
      const jams = level === nest.outer.length - 1 && m === "inside" && nest.jam > 1 ? [nest.jam, 1] : [1];
      emitRounds(f, at, r, jams, false, (width) => {
        pointers.inside(a, at, () => this.#decide(a, at, m, (next) => this.#loop(level + 1, next, width)));
        f.bump(at, width);
      });
    };
    const span = nest.interior.spans.get(a);
    if (typeof mode === "string" || a !== this.#deciding || !span) return run(range, mode);
    const interior = (r: Range): void => run(r, "inside");
    emitBorders(f, at, range, span, mode.inside, interior, () => {
      pointers.inside(a, at, () => this.#loop(level + 1, "guarded", 1));
      f.bump(at, 1);
    });
  }

  #innermost(mode: Mode, jam: number): void {
    const { f, nest, pointers } = this.#scope;
    const { inner, vector, grain, width } = nest;
    const at = f.local("i32");
    this.#limited(this.#ranges.get(inner) ?? whole(inner), (range) => {
      pushBound(f, range.from).set(at);
      pointers.walking(inner, at, range.from === 0, (advance) => {
        const run = (r: Range, m: "inside" | "guarded", most: number): void => {
          const kernels = m === "inside" ? nest.interior.kernels : nest.kernels;
          emitRounds(f, at, r, [...new Set([most, Math.min(most, 4), 1])], true, (elements) => {
            emitBlock(this.#scope, kernels, m === "guarded", elements < 4 ? 1 : 4, { jam, starts: startsOf(elements) });
            advance(elements);
            f.bump(at, elements);
          });
        };
        if (mode === "inside") return run(range, mode, width);
        if (mode === "guarded") return run(range, mode, vector ? 4 : 1);
        const border = (): void => run({ from: 0, to: grain, multiple: grain }, "guarded", grain);
        emitBorders(f, at, range, nest.interior.spans.get(inner)!, mode.inside, (r) => run(r, "inside", width), border);
      });
    });
  }

  /** Emits the innermost loop only where the kernel's bounds let it store, and only so far. */
  #limited(range: Range, body: (r: Range) => void): void {
    const { f, nest, pointers } = this.#scope;
    const within = nest.kernels[0]!.within ?? [];
    const cutting = within.filter((w) => w.at.step(nest.inner) !== 0);
    const passing = within.filter((w) => w.at.step(nest.inner) === 0);
    let r = range;
    for (const w of cutting) r = emitCut(this.#scope, w, r);
    if (passing.length === 0) return body(r);
    emitGuards(
      f,
      passing.map((w) => ({ test: "inRange", at: w.at, low: w.at.min, high: w.high })),
      pointers.running,
    );
    f.if(() => body(r));
  }
}

/** Where the values of a round begin: single, in vectors, or in two vectors that share elements. */
function startsOf(elements: number): readonly number[] {
  if (elements < 4) return [0];
  if (elements % 4 > 0) return [0, elements - 4];
  return Array.from({ length: elements / 4 }, (_, i) => 4 * i);
}

/** The range with its end lowered to where `at` reaches `high`. */
function emitCut(scope: Scope, within: { readonly at: Int; readonly high: number }, range: Range): Range {
  const { f, nest, pointers } = scope;
  const step = within.at.step(nest.inner)!;
  const rest = within.at.substitute(new Map([[nest.inner, Int.of(0)]]));
  const to = f.local("i32");
  // the first value of the axis with rest + step * axis >= high
  f.i32(within.high + step - 1);
  emitIndex(f, rest, pointers.running);
  f.op("i32.sub").i32(step).op("i32.div_s").set(to);
  f.get(to);
  pushBound(f, range.to);
  f.get(to);
  pushBound(f, range.to);
  f.op("i32.lt_s").op("select").set(to);
  return { from: range.from, to, multiple: 1 };
}

/** A number that divides both. */
function common(a: number, b: number): number {
  return b === 0 ? a : common(b, a % b);
}
