import { type Expr, index, type Load, mapExpr, substituteAxes, typeOf } from "../../kernel/expr.ts";
import { type Axis, Int } from "../../kernel/int.ts";
import { isPointwise, type Kernel } from "../../kernel/kernel.ts";
import { emitLoad, emitStore } from "./access.ts";
import { emitGuards, emitIndex } from "./emitIndex.ts";
import type { FunctionBuilder, Local } from "./function.ts";
import { LaneCode, type Lanes } from "./lanes.ts";
import { emitLoop } from "./loop.ts";
import { type Block, instances, type Nest } from "./nest.ts";
import type { Access, Address, Pointers } from "./pointers.ts";
import { type Accumulator, accumulator } from "./reduction.ts";
import { type Source, Values } from "./scalar.ts";
import type { Structure } from "./structure.ts";

/** A kernel within its loops: everything that a round of the innermost code needs. */
export interface Scope {
  readonly f: FunctionBuilder;
  readonly nest: Nest;
  readonly pointers: Pointers;
  readonly structure: Structure;
  /** A local that is never true, which the compiler cannot know. */
  readonly never: Local;
  /** Whether nothing has been added to the output yet; undefined where all of a sum is added at once. */
  readonly first: Local | undefined;
}

type Point = ReadonlyMap<Axis, Int>;

/** One round of `block`, each value of `lanes` elements. `guarded` where the guards of `k` may fail. */
export function emitBlock(scope: Scope, k: Kernel, guarded: boolean, lanes: Lanes, block: Block): void {
  const { f, nest, structure, first } = scope;
  const c = new LaneCode(f, lanes);
  const points = instances(nest.outer.at(-1), nest.inner, block);
  const source = blockSource(scope, c, guarded);
  const place = (p: Point): { to: Address; step: number } => {
    const offset = k.at[0]!.substitute(p);
    return { to: scope.pointers.address({ buffer: k.out, offset, guarded }), step: lanes === 4 ? offset.step(nest.inner)! : 0 };
  };
  let sums: readonly Accumulator[] = [];
  if (!isPointwise(k)) {
    sums = points.map(() => accumulator(c, k.combine, typeOf(k.body)));
    const start = (): void => sums.forEach((s) => s.start());
    const resume = (): void =>
      sums.forEach((s, i) => {
        const { to, step } = place(points[i]!);
        s.resume!(() => emitLoad(c, k.out.dtype, step, to.push, to.displacement));
      });
    if (first) f.get(first).if(start, resume);
    else start();
    addTerms(scope, k, c, points, source, sums);
  }
  const elements = points.map((p) => substituteAxes(isPointwise(k) ? pointwise(k) : k.post, p));
  const values = new Values(c, { ...source, acc: (i) => sums[i]!.push() }, structure, elements);
  const store = (i: number, push: () => void): void => {
    const { to, step } = place(points[i]!);
    emitStore(c, k.out.dtype, step, to.push, to.displacement, push);
  };
  if (block.starts.every((s) => s % 4 === 0)) {
    points.forEach((_, i) => {
      store(i, () => values.push(i));
    });
    return;
  }
  // two vectors share elements: where the output replaces an input, both must be read before either is stored
  const kept = elements.map((e, i) => {
    values.push(i);
    return c.keep(typeOf(e));
  });
  kept.forEach((value, i) => {
    store(i, () => c.get(value));
  });
}

/** Adds the terms of the near reduction axes to the sums. */
function addTerms(scope: Scope, k: Kernel, c: LaneCode, points: readonly Point[], source: Source, sums: readonly Accumulator[]): void {
  const { f, nest, structure } = scope;
  const position = k.combine === "argmax" ? f.local("i32") : undefined;
  if (position) f.i32(0).set(position);
  reduction(scope, nest.rolled, () => {
    const terms = nest.taps.map((tap) => points.map((p) => substituteAxes(k.body, new Map([...p, ...tap]))));
    const values = new Values(c, source, structure, terms.flat());
    terms.forEach((tap, t) => {
      for (let i = 0; i < tap.length; i++) sums[i]!.add(() => values.push(t * tap.length + i), position);
      if (position) f.bump(position, 1);
    });
  });
}

/** The loops of the axes that are not unrolled. */
function reduction(scope: Scope, axes: readonly Axis[], body: () => void): void {
  const [head, ...rest] = axes;
  if (!head) return body();
  const { f, pointers, never } = scope;
  const at = f.local("i32");
  f.i32(0).set(at);
  pointers.walking(head, at, true, (advance) => {
    emitLoop(f, never, () => {
      reduction(scope, rest, body);
      advance(1);
      f.get(at).i32(1).op("i32.add").tee(at).i32(head.extent).op("i32.ne");
    });
  });
}

/** The element of a kernel without reduction. */
export function pointwise(k: Kernel): Expr {
  const only = k.combine === "argmax" ? index(Int.of(0)) : k.body;
  return mapExpr(k.post, (e) => (e.kind === "acc" ? only : e));
}

/** Reads leaves where the loops stand. */
function blockSource(scope: Scope, c: LaneCode, guarded: boolean): Source {
  const { f, nest, pointers } = scope;
  const stepOf = (i: Int): number => (c.lanes === 4 ? i.step(nest.inner)! : 0);
  return {
    load(l) {
      const from = pointers.address(accessOf(l, guarded));
      const read = (): void => emitLoad(c, l.buffer.dtype, stepOf(l.index[0]!), from.push, from.displacement);
      if (l.guards.length === 0) return read();
      emitGuards(f, l.guards, pointers.running);
      const type = typeOf(l);
      const otherwise = (): void => void (type === "f32" ? c.constant(l.otherwise) : c.intConstant(l.otherwise));
      f.if(read, otherwise, c.valueType(type));
    },
    index(at) {
      emitIndex(f, at, pointers.running);
      c.splat();
      const step = stepOf(at);
      if (step !== 0) f.i32x4(0, step, 2 * step, 3 * step).op("i32x4.add");
    },
    acc: () => undefined,
  };
}

export const accessOf = (l: Load, guarded: boolean): Access => ({
  buffer: l.buffer,
  offset: l.index[0]!,
  guarded: guarded || l.guards.length > 0,
});
