import { OpError } from "../../ir/op.ts";
import type { State } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { concat } from "../../ops/concat.ts";
import { type Child, type ChildUnless, checkNames, type ModuleOf, type NamedChild, type NameOf, numbered, partsOf } from "../children.ts";
import { Layer, raised } from "../layer.ts";
import type { Module } from "../module.ts";
import { shapeThrough, tensorThrough } from "../passing.ts";
import type { Add } from "../shapes/arith.ts";
import { type BadShape, Misfit, type Show, show, type Under, type Wrong } from "../shapes/message.ts";
import type { Run } from "../shapes/run.ts";
import {
  type Apply,
  type Concatenated,
  type FitsAll,
  fitsAll,
  type Known,
  known,
  type PartialShape,
  type Shape,
  type ShapeFn,
} from "../shapes/shape.ts";

/** The branches side by side, joined along the channels. */
export interface ConcatFn<B> extends ShapeFn {
  readonly out: Join<B, this["in"]>;
}

/** The branches' outputs for X one after the other. Y is what those in H give together, First what the first gave alone. */
type Join<B, X, Y = never, First = never, FirstName extends string = "", H extends readonly unknown[] = []> = B extends readonly [
  infer A,
  ...infer T,
]
  ? Run<ModuleOf<A>, X> extends infer Z
    ? Z extends string
      ? Under<NameOf<A, `${H["length"]}`>, Z>
      : H extends readonly []
        ? Join<T, X, Z, Z, Label<A, "0">, [Z]>
        : Beside<Y, Z, First, FirstName, Label<A, `${H["length"]}`>> extends infer W
          ? W extends string
            ? W
            : Join<T, X, W, First, FirstName, [...H, Z]>
          : never
    : never
  : B extends readonly []
    ? Y
    : Shape;
/** What a message calls a branch: its name, or its number. */
type Label<A, I extends string> = NameOf<A, I> extends "" ? I : NameOf<A, I>;
type Beside<Y, Z, First, FirstName extends string, ZName extends string> = Y extends readonly [infer N, infer A, ...infer S]
  ? Z extends readonly [unknown, infer C, ...infer T]
    ? FitsAll<S, T> extends true
      ? Concatenated<
          [N, [number] extends [A | C] ? number : [A, C] extends [infer A1 extends number, infer C1 extends number] ? Add<A1, C1> : number],
          Known<S, T>
        >
      : Wrong<`Concat: ${ZName} gives ${Show<Z>}, but ${FirstName} gives ${Show<First>}`>
    : Shape
  : Shape;

/** {}, or the message that says why the branches cannot stand side by side, whatever the input. */
type BadBranches<B> = BadShape<Apply<ConcatFn<B>, Shape>>;
/** Each branch as it is, or that message in its place. */
type Checked<B extends readonly Child[]> = { [I in keyof B]: ChildUnless<BadBranches<B>, B[I]> };

/**
 * Branches side by side over the same input, their channels one after the other: parallel kernel sizes, say. Everything but the
 * channels must be equal. Children without a name are called "0", "1", ...
 *
 *     new Concat(["branch1", new Conv2d(192, 64, 1)], ["branch2", new Conv2d(192, 32, 5, { padding: 2 })])  // 96 channels
 *
 * Szegedy et al., "Going deeper with convolutions", 2015.
 */
export class Concat<const B extends Child[]> extends Layer<ConcatFn<B>> {
  readonly type = "Concat";
  readonly branches: B;

  constructor(...branches: Checked<B>) {
    super();
    this.branches = branches as unknown as B;
    if (this.branches.length === 0) throw new OpError(this.type, "needs at least one branch, got none");
    checkNames(this.type, numbered(this.branches));
    raised(() => this.outputShape(undefined));
  }

  override namedChildren(): Iterable<readonly [name: string, child: Module | State]> {
    return partsOf(numbered(this.branches));
  }

  override outputShape(x: PartialShape): PartialShape {
    return this.#join((branch) => shapeThrough(branch, x));
  }

  protected override apply(x: Tensor): Tensor {
    const outputs = numbered(this.branches).map((branch) => tensorThrough(branch, x, this.type));
    this.#join((_, i) => outputs[i]!.shape);
    return concat(outputs);
  }

  /** The shape of the branches' outputs side by side. Each is asked for when those before it have been found to fit, as in the types. */
  #join(shapeOf: (branch: NamedChild, i: number) => PartialShape): PartialShape {
    let first: PartialShape;
    return numbered(this.branches).reduce<PartialShape>((joined, branch, i) => {
      const z = shapeOf(branch, i);
      if (i === 0) {
        first = z;
        return z;
      }
      if (joined === undefined || z === undefined || joined.length < 2 || z.length < 2) return undefined;
      const [[n, a, ...s], [, c, ...t]] = [joined, z];
      if (!fitsAll(s, t)) throw new Misfit(`Concat: ${this.#label(i)} gives ${show(z)}, but ${this.#label(0)} gives ${show(first)}`);
      return [n, a === undefined || c === undefined ? undefined : a + c, ...known(s, t)!];
    }, undefined);
  }

  /** What a message calls branch i: its name, or its number. */
  #label(i: number): string {
    return numbered(this.branches)[i]![0] || `${i}`;
  }
}
