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
import { type Accumulator, accumulator, type Extremum } from "./reduction.ts";
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

/** One round of `block`, each value of `lanes` elements. `guarded` where the guards of `kernels` may fail. */
export function emitBlock(scope: Scope, kernels: readonly Kernel[], guarded: boolean, lanes: Lanes, block: Block): void {
  const { f, nest, structure, first } = scope;
  const c = new LaneCode(f, lanes);
  const points = instances(nest.outer.at(-1), nest.inner, block);
  const source = blockSource(scope, c, guarded);
  const outputs: Output[] = [];
  kernels.forEach((k, i) => {
    for (const p of points) outputs.push(outputOf(scope, c, k, nest.taps[i]!, p, guarded, outputs));
  });
  const sums = outputs.flatMap((o) => (o.sum ? [{ ...o, sum: o.sum }] : []));
  if (sums.length > 0) {
    const start = (): void => sums.forEach(({ sum }) => sum.start());
    const resume = (): void =>
      sums.forEach(({ sum, kernel, to, step }) => sum.resume!(() => emitLoad(c, kernel.out.dtype, step, to.push, to.displacement)));
    if (first) f.get(first).if(start, resume);
    else start();
  }
  const elements = outputs.map((o) => o.element);
  const acc = (i: number): void => void outputs[i]!.sum!.push();
  let values: Values;
  if (nest.rolled.length > 0) {
    addTerms(scope, c, source, outputs);
    values = new Values(c, { ...source, acc }, structure, elements);
  } else {
    // no loop between terms and elements: they share what they load
    const terms = termsOf(outputs);
    values = new Values(c, { ...source, acc }, structure, [...elements, ...terms.map((t) => t.term)]);
    addInOrder(c, terms, (i) => values.push(elements.length + i));
  }
  const store = ({ kernel, to, step }: Output, push: () => void): void =>
    emitStore(c, kernel.out.dtype, step, to.push, to.displacement, push);
  if (block.starts.every((s) => s % 4 === 0)) {
    outputs.forEach((o, i) => {
      store(o, () => values.push(i));
    });
    return;
  }
  // two vectors share elements: where the output replaces an input, both must be read before either is stored
  const kept = elements.map((e, i) => {
    values.push(i);
    return c.keep(typeOf(e));
  });
  kept.forEach((value, i) => {
    store(outputs[i]!, () => c.get(value));
  });
}

/** What a round makes of one kernel at one point. */
interface Output {
  readonly kernel: Kernel;
  /** Its running sum; undefined for a kernel without reduction. */
  readonly sum: Accumulator | undefined;
  /** The terms that are unrolled, in order. */
  readonly terms: readonly Expr[];
  readonly element: Expr;
  /** Where it is stored, and the distance of neighbours. */
  readonly to: Address;
  readonly step: number;
}

function outputOf(
  scope: Scope,
  c: LaneCode,
  kernel: Kernel,
  taps: readonly Point[],
  at: Point,
  guarded: boolean,
  others: readonly Output[],
): Output {
  const offset = kernel.at[0]!.substitute(at);
  const place = {
    to: scope.pointers.address({ buffer: kernel.out, offset, guarded }),
    step: c.lanes === 4 ? offset.step(scope.nest.inner)! : 0,
  };
  if (isPointwise(kernel)) return { kernel, sum: undefined, terms: [], element: substituteAxes(pointwise(kernel), at), ...place };
  const terms = taps.map((tap) => substituteAxes(kernel.body, new Map([...at, ...tap])));
  const sum = accumulator(c, kernel.combine, typeOf(kernel.body), maximumOf(terms, others, scope.structure));
  return { kernel, sum, terms, element: substituteAxes(kernel.post, at), ...place };
}

/** The running maximum of the same terms, if there is one, which an argmax can look at instead of keeping its own. */
function maximumOf(terms: readonly Expr[], others: readonly Output[], s: Structure): Extremum | undefined {
  const same = (o: Output): boolean => o.terms.length === terms.length && o.terms.every((t, i) => s.expr(t) === s.expr(terms[i]!));
  return others.find((o) => o.kernel.combine === "max" && o.sum?.extremum && same(o))?.sum?.extremum;
}

/** One term of a sum. */
interface Term {
  readonly output: Output;
  readonly sum: Accumulator;
  readonly term: Expr;
  /** Its number among those that are unrolled. */
  readonly tap: number;
}

/**
 * All unrolled terms, those of one tap next to each other: siblings read the same there. An argmax looks at a maximum before that
 * takes the term in.
 */
function termsOf(outputs: readonly Output[]): Term[] {
  const most = Math.max(...outputs.map((o) => o.terms.length));
  const isArgmax = (o: Output): boolean => o.kernel.combine === "argmax";
  const ordered = [...outputs.filter(isArgmax), ...outputs.filter((o) => !isArgmax(o))];
  return Array.from({ length: most }, (_, tap) =>
    ordered.flatMap((output) => {
      const term = output.terms[tap];
      return term ? [{ output, sum: output.sum!, term, tap }] : [];
    }),
  ).flat();
}

/** Adds terms to their sums, each pushed by its number. */
function addInOrder(c: LaneCode, terms: readonly Term[], push: (i: number) => void, position = positionOf(c, terms)): void {
  terms.forEach(({ sum, tap }, i) => {
    sum.add(() => push(i), position);
    if (position && terms[i + 1]?.tap !== tap) c.get(position).intConstant(1).int("add").set(position);
  });
}

/** A count of the terms so far, where a reduction asks for it. */
function positionOf(c: LaneCode, terms: readonly Term[]): Local | undefined {
  if (!terms.some((t) => t.output.kernel.combine === "argmax")) return undefined;
  const position = c.local("i32");
  c.intConstant(0).set(position);
  return position;
}

/** Adds the terms of the near reduction axes to the sums. */
function addTerms(scope: Scope, c: LaneCode, source: Source, outputs: readonly Output[]): void {
  const terms = termsOf(outputs);
  const position = positionOf(c, terms);
  reduction(scope, scope.nest.rolled, () => {
    const values = new Values(
      c,
      source,
      scope.structure,
      terms.map((t) => t.term),
    );
    addInOrder(c, terms, (i) => values.push(i), position);
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
