import { type Expr, index, type Load, mapExpr, substituteAxes, typeOf } from "../../kernel/expr.ts";
import { type Axis, Int } from "../../kernel/int.ts";
import { isPointwise, type Kernel } from "../../kernel/kernel.ts";
import { emitLoad, emitStore } from "./access.ts";
import { emitGuards, emitIndex } from "./emitIndex.ts";
import type { FunctionBuilder, Local } from "./function.ts";
import { LaneCode, type Lanes } from "./lanes.ts";
import { emitLoop } from "./loop.ts";
import { type Block, instances, type Nest } from "./nest.ts";
import type { Access, Pointers } from "./pointers.ts";
import { accumulator } from "./reduction.ts";
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
}

type Point = ReadonlyMap<Axis, Int>;

/** One round: `block.jam` x `block.vectors` values of `lanes` elements each. `guarded` where the guards of `k` may fail. */
export function emitBlock(scope: Scope, k: Kernel, guarded: boolean, lanes: Lanes, block: Block): void {
  const { f, nest, structure } = scope;
  const c = new LaneCode(f, lanes);
  const points = instances(nest.outer.at(-1), nest.inner, lanes === 4, block);
  const source = blockSource(scope, c, guarded);
  const store = (point: Point, value: () => void): void => {
    const offset = k.at[0]!.substitute(point);
    const to = scope.pointers.address({ buffer: k.out, offset, guarded });
    emitStore(c, k.out.dtype, lanes === 4 ? offset.step(nest.inner)! : 0, to.push, to.displacement, value);
  };
  if (isPointwise(k)) {
    const elements = points.map((p) => substituteAxes(pointwise(k), p));
    const values = new Values(c, source, structure, elements);
    points.forEach((p, i) => {
      store(p, () => values.push(i));
    });
    return;
  }
  const sums = points.map(() => accumulator(c, k.combine, typeOf(k.body)));
  for (const s of sums) s.start();
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
  const elements = points.map((p) => substituteAxes(k.post, p));
  const values = new Values(c, { ...source, acc: (i) => sums[i]!.push() }, structure, elements);
  points.forEach((p, i) => {
    store(p, () => values.push(i));
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
