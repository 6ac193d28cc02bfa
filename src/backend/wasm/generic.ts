/**
 * Lowers any addressed kernel: loops in the order of the store's strides, vectors along the innermost, reductions in
 * registers. Where guards can fail only near the borders, the interior runs without them.
 */
import { loadsOf, substituteAxes } from "../../kernel/expr.ts";
import { type Axis, Int } from "../../kernel/int.ts";
import { isPointwise, type Kernel } from "../../kernel/kernel.ts";
import { accessOf, emitBlock, pointwise, type Scope } from "./block.ts";
import { emitGuards, emitIndex } from "./emitIndex.ts";
import { FunctionBuilder, type Local } from "./function.ts";
import { chooseItems, type Items } from "./items.ts";
import { emitNever } from "./loop.ts";
import { kernelBuffers, type LoweredKernel } from "./lowered.ts";
import { instances, type Nest, planNest } from "./nest.ts";
import { Pointers } from "./pointers.ts";
import { emitBorders, emitRounds, emitSmaller, emitWithin, pushBound, type Range, whole } from "./ranges.ts";
import { Structure } from "./structure.ts";

export function lowerGeneric(addressed: Kernel): LoweredKernel {
  const nest = planNest(addressed);
  const buffers = kernelBuffers(addressed);
  const f = new FunctionBuilder(addressed.name, [...buffers.map(() => "i32" as const), "i32", "i32"]);
  const structure = new Structure();
  const pointers = new Pointers(f, structure, new Set(nest.outer));
  announce(nest, pointers);
  const [lo, hi] = [f.param(buffers.length), f.param(buffers.length + 1)];
  const never = emitNever(f, lo);
  pointers.start((b) => f.param(buffers.indexOf(b)));
  const items = chooseItems([...nest.outer, nest.inner], nest.vector ? 16 : 1, nest.block.jam);
  new Loops({ f, nest, pointers, structure, never }, items).emit(lo, hi);
  return { fn: f, buffers, items: items.count };
}

/** Tells the pointers all that the blocks will access. */
function announce(nest: Nest, pointers: Pointers): void {
  const { kernel, interior } = nest;
  const points = instances(nest.outer.at(-1), nest.inner, false, { jam: nest.block.jam, vectors: 1 });
  const of = (k: Kernel, guarded: boolean): void => {
    for (const p of points) {
      const elements = isPointwise(k)
        ? [substituteAxes(pointwise(k), p)]
        : [...nest.taps.map((tap) => substituteAxes(k.body, new Map([...p, ...tap]))), substituteAxes(k.post, p)];
      for (const l of elements.flatMap(loadsOf)) pointers.announce(accessOf(l, guarded));
      pointers.announce({ buffer: k.out, offset: k.at[0]!.substitute(p), guarded });
    }
  };
  of(interior.kernel, false);
  if (interior.spans.size > 0) of(kernel, true);
}

/** Which kernel runs: the interior's, the one with guards, or it is still open and `inside` says what is known. */
type Mode = "inside" | "guarded" | { readonly inside: Local | undefined };

class Loops {
  readonly #scope: Scope;
  readonly #items: Items;
  /** The last loop that has a border: within it is decided which kernel runs. */
  readonly #deciding: Axis | undefined;

  constructor(scope: Scope, items: Items) {
    this.#scope = scope;
    this.#items = items;
    const { nest } = scope;
    this.#deciding = [...nest.outer, nest.inner].findLast((a) => nest.interior.spans.has(a));
  }

  emit(lo: Local, hi: Local): void {
    const { f } = this.#scope;
    const { decoded, ranged, grain } = this.#items;
    const mode: Mode = this.#deciding ? { inside: undefined } : "inside";
    if (decoded.length === 0 && ranged) {
      const from = f.local("i32");
      f.get(lo).i32(grain).op("i32.mul").set(from);
      const to = f.local("i32");
      emitSmaller(f, () => f.get(hi).i32(grain).op("i32.mul"), ranged.extent, to);
      this.#loop(0, mode, 1, { from, to, multiple: common(grain, ranged.extent) });
      return;
    }
    const item = f.local("i32");
    f.get(lo).set(item);
    f.range(item, hi, 1, () => {
      const left = f.local("i32");
      f.get(item).set(left);
      const range = ranged && this.#piece(left, ranged, grain);
      const values = new Map<Axis, Local>();
      for (const a of [...decoded].reverse()) {
        const value = f.local("i32");
        f.get(left).i32(a.extent).op("i32.rem_u").set(value);
        f.get(left).i32(a.extent).op("i32.div_u").set(left);
        values.set(a, value);
      }
      this.#decode(decoded, values, mode, range);
    });
  }

  /** Takes which piece of the ranged axis off the item number. */
  #piece(left: Local, a: Axis, grain: number): Range {
    const { f } = this.#scope;
    const pieces = Math.ceil(a.extent / grain);
    if (pieces === 1) return whole(a);
    const from = f.local("i32");
    f.get(left).i32(pieces).op("i32.rem_u").i32(grain).op("i32.mul").set(from);
    f.get(left).i32(pieces).op("i32.div_u").set(left);
    const to = f.local("i32");
    emitSmaller(f, () => f.get(from).i32(grain).op("i32.add"), a.extent, to);
    return { from, to, multiple: common(grain, a.extent) };
  }

  /** Enters the axes that the item number fixes, then the loops. */
  #decode(axes: readonly Axis[], values: ReadonlyMap<Axis, Local>, mode: Mode, range: Range | undefined): void {
    const [head, ...rest] = axes;
    if (!head) return this.#loop(this.#items.decoded.length, mode, 1, range);
    const value = values.get(head)!;
    this.#scope.pointers.inside(head, value, () => {
      this.#decide(head, value, mode, (next) => this.#decode(rest, values, next, range));
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
  #loop(level: number, mode: Mode, jam: number, range?: Range): void {
    const { f, nest, pointers } = this.#scope;
    const a = nest.outer[level];
    if (!a) return this.#innermost(mode, jam, range);
    const { from, to, multiple } = range ?? whole(a);
    const at = f.local("i32");
    pushBound(f, from).set(at);
    const run = (r: Range, m: Mode): void => {
      const jams = level === nest.outer.length - 1 && m === "inside" && nest.block.jam > 1 ? [nest.block.jam, 1] : [1];
      emitRounds(f, at, r, jams, (width) => {
        pointers.inside(a, at, () => this.#decide(a, at, m, (next) => this.#loop(level + 1, next, width)));
        f.bump(at, width);
      });
    };
    const span = nest.interior.spans.get(a);
    if (typeof mode === "string" || a !== this.#deciding || !span) return run({ from, to, multiple }, mode);
    emitBorders(
      f,
      at,
      { from, to, multiple },
      span,
      mode.inside,
      (r) => run(r, "inside"),
      () => {
        pointers.inside(a, at, () => this.#loop(level + 1, "guarded", 1));
        f.bump(at, 1);
      },
    );
  }

  #innermost(mode: Mode, jam: number, range?: Range): void {
    const { f, nest, pointers } = this.#scope;
    const { inner, vector, block } = nest;
    const at = f.local("i32");
    this.#limited(range ?? whole(inner), (r) => {
      pushBound(f, r.from).set(at);
      pointers.walking(inner, at, r.from === 0, (advance) => {
        const run = (part: Range, m: "inside" | "guarded", lanes: readonly number[]): void => {
          const k = m === "inside" ? nest.interior.kernel : nest.kernel;
          emitRounds(f, at, part, lanes, (width) => {
            emitBlock(this.#scope, k, m === "guarded", width >= 4 ? 4 : 1, { jam, vectors: Math.max(1, width / 4) });
            advance(width);
            f.bump(at, width);
          });
        };
        const widths = (vectors: number): number[] => (vector ? (vectors > 1 ? [vectors * 4, 4, 1] : [4, 1]) : [1]);
        if (mode === "inside") run(r, mode, widths(block.vectors));
        else if (mode === "guarded") run(r, mode, widths(1));
        else {
          emitBorders(
            f,
            at,
            r,
            nest.interior.spans.get(inner)!,
            mode.inside,
            (part) => run(part, "inside", widths(block.vectors)),
            () => run({ from: 0, to: 1, multiple: 1 }, "guarded", [1]),
          );
        }
      });
    });
  }

  /** Emits the innermost loop only where the kernel's bounds let it store, and only so far. */
  #limited(range: Range, body: (r: Range) => void): void {
    const { f, nest, pointers } = this.#scope;
    const within = nest.kernel.within ?? [];
    const cutting = within.filter((w) => w.at.step(nest.inner) !== 0);
    const passing = within.filter((w) => w.at.step(nest.inner) === 0);
    let r = range;
    for (const w of cutting) r = emitCut(this.#scope, w, r);
    if (passing.length === 0) return body(r);
    emitGuards(f, passing.map((w) => ({ test: "inRange", at: w.at, low: w.at.min, high: w.high })), pointers.running);
    f.if(() => body(r));
  }
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
