import type { State } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { add } from "../../ops/arithmetic.ts";
import { type Child, type ChildUnless, checkNames, type ModuleOf, type NamedChild, type NameOf, named, partsOf } from "../children.ts";
import { Layer, raised } from "../layer.ts";
import type { Module } from "../module.ts";
import { shapeThrough, tensorThrough } from "../passing.ts";
import { type BadShape, Misfit, type Show, show, type Under, type Wrong } from "../shapes/message.ts";
import type { Run } from "../shapes/run.ts";
import { type Apply, type FitsAll, fitsAll, type Known, known, type PartialShape, type Shape, type ShapeFn } from "../shapes/shape.ts";

/** B(x) + S(x), or B(x) + x where S is never. */
export interface ResidualFn<B, S> extends ShapeFn {
  readonly out: Sum<
    Run<ModuleOf<B>, this["in"]>,
    [S] extends [never] ? this["in"] : Run<ModuleOf<S>, this["in"]>,
    NameOf<B, "body">,
    NameOf<S, "shortcut">,
    [S] extends [never] ? "its input is" : "the shortcut gives"
  >;
}
type Sum<Y, Z, BName extends string, SName extends string, Other extends string> = Y extends string
  ? Under<BName, Y>
  : Z extends string
    ? Under<SName, Z>
    : FitsAll<Y, Z> extends true
      ? Known<Y, Z>
      : Wrong<`Residual: the body gives ${Show<Y>}, but ${Other} ${Show<Z>}`>;

/**
 * body(x) + shortcut(x), or body(x) + x without a shortcut (the identity): what is learnt is the difference, and the gradient has a
 * way around. A projection as the shortcut makes the sizes fit where the body changes them. Children are called "body" and
 * "shortcut" unless they have names.
 *
 *     new Residual(new Sequential(new Conv2d(64, 64, 3, { padding: 1 }), new ReLU(), new Conv2d(64, 64, 3, { padding: 1 })))
 *
 * He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015.
 */
export class Residual<const B extends Child, const S extends Child = never> extends Layer<ResidualFn<B, S>> {
  readonly type = "Residual";
  readonly #children: readonly [body: NamedChild, shortcut?: NamedChild];

  constructor(body: ChildUnless<BadShape<Apply<ResidualFn<B, S>, Shape>>, B>, shortcut?: S) {
    super();
    const first = named(body as B, "body");
    this.#children = shortcut === undefined ? [first] : [first, named(shortcut, "shortcut")];
    checkNames(this.type, [...this.#children] as NamedChild[]);
    raised(() => this.outputShape(undefined));
  }

  /** What computes the difference. */
  get body(): ModuleOf<B> {
    return this.#children[0][1] as ModuleOf<B>;
  }

  /** The way around, or undefined for the identity. */
  get shortcut(): ModuleOf<S> | undefined {
    return this.#children[1]?.[1] as ModuleOf<S> | undefined;
  }

  override namedChildren(): Iterable<readonly [name: string, child: Module | State]> {
    return partsOf([...this.#children] as NamedChild[]);
  }

  override outputShape(x: PartialShape): PartialShape {
    const [body, shortcut] = this.#children;
    return this.#sum(shapeThrough(body, x), shortcut ? shapeThrough(shortcut, x) : x);
  }

  protected override apply(x: Tensor): Tensor {
    const [body, shortcut] = this.#children;
    const [y, z] = [tensorThrough(body, x, this.type), shortcut ? tensorThrough(shortcut, x, this.type) : x];
    this.#sum(y.shape, z.shape);
    return add(y, z);
  }

  /** The shape of a sum of these two. */
  #sum(y: PartialShape, z: PartialShape): PartialShape {
    if (fitsAll(y, z)) return known(y, z);
    const other = this.shortcut === undefined ? "its input is" : "the shortcut gives";
    throw new Misfit(`Residual: the body gives ${show(y)}, but ${other} ${show(z)}`);
  }
}
