import { OpError } from "../../ir/op.ts";
import type { State } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { type Child, checkNames, type ModuleOf, type NamedChild, type NameOf, numbered, partsOf } from "../children.ts";
import { Layer, raised } from "../layer.ts";
import type { Module } from "../module.ts";
import { shapeThrough, tensorThrough } from "../passing.ts";
import { type Message, Misfit, type Show, show, type Under } from "../shapes/message.ts";
import type { Run } from "../shapes/run.ts";
import type { PartialShape, Shape, ShapeFn } from "../shapes/shape.ts";

/** " (16 x 4 x 4)": the last image in the history, to say where a flattened size came from. */
type Origin<X, H> = X extends readonly [unknown, unknown]
  ? H extends readonly [...infer R, infer L]
    ? L extends readonly [unknown, unknown, unknown, ...unknown[]]
      ? ` (${Show<L>})`
      : Origin<X, R>
    : ""
  : "";

/** X through a list of children, up to the first message. H holds the shapes passed so far. */
type Chain<L, X, H extends readonly unknown[] = []> = L extends readonly [infer A, ...infer T]
  ? Run<ModuleOf<A>, X> extends infer Y
    ? Y extends string
      ? `${Under<NameOf<A, `${H["length"]}`>, Y>}${Origin<X, H>}`
      : Chain<T, Y, [...H, X]>
    : never
  : L extends readonly []
    ? X
    : Shape;

/** The children's shape functions, one after the other. */
export interface ChainFn<L> extends ShapeFn {
  readonly out: Chain<L, this["in"]>;
}

/** { "3": message } for the first child that cannot follow those before it, whatever the input; {} if all can. */
type MisfitIn<L, X = Shape, H extends readonly unknown[] = []> = L extends readonly [infer A, ...infer T]
  ? Run<ModuleOf<A>, X> extends infer Y
    ? Y extends string
      ? { readonly [I in `${H["length"]}`]: Message<`${Y}${Origin<X, H>}`> }
      : MisfitIn<T, Y, [...H, X]>
    : never
  : {};

/** Each child as it is, or, in place of the first that cannot follow those before it, a message that says why. */
type Checked<L extends readonly Child[]> = {
  [I in keyof L]: I extends keyof MisfitIn<L>
    ? L[I] extends readonly [infer N, unknown]
      ? readonly [N, MisfitIn<L>[I]]
      : MisfitIn<L>[I]
    : L[I];
};

type Names<L extends readonly Child[]> = L[number] extends infer C ? (C extends readonly [infer N, unknown] ? N : never) : never;
type Named<L extends readonly Child[], N> = Extract<L[number], readonly [N, unknown]> extends readonly [unknown, infer M] ? M : never;

/**
 * Modules one after the other. A child that cannot take what the one before it gives is an error at construction: of the
 * compiler where sizes are literal, an OpError where they are computed. PyTorch's Sequential.
 *
 *     new Sequential(new Conv2d(1, 6, 5), new ReLU())                       // children "0" and "1"
 *     new Sequential(["conv1", new Conv2d(1, 6, 5)], ["relu", new ReLU()])  // PyTorch: Sequential(OrderedDict(...))
 */
export class Sequential<const L extends Child[]> extends Layer<ChainFn<L>> {
  readonly type = "Sequential";
  readonly layers: L;

  constructor(...layers: Checked<L>) {
    super();
    this.layers = layers as unknown as L;
    checkNames("Sequential", numbered(this.layers));
    raised(() => this.outputShape(undefined));
  }

  /** The child of that name. */
  get<N extends Names<L>>(name: N): Named<L, N> {
    const found = numbered(this.layers).find(([own]) => own === name);
    if (!found)
      throw new OpError(
        "Sequential",
        `has children ${numbered(this.layers)
          .map(([own]) => own)
          .join(", ")}, got "${name}"`,
      );
    return found[1] as Named<L, N>;
  }

  override namedChildren(): Iterable<readonly [name: string, child: Module | State]> {
    return partsOf(numbered(this.layers));
  }

  override outputShape(x: PartialShape): PartialShape {
    return this.#follow(x, shapeThrough, (shape) => shape);
  }

  protected override apply(x: Tensor): Tensor {
    return this.#follow(
      x,
      (child, y) => tensorThrough(child, y, this.type),
      (y) => y.shape,
    );
  }

  /** `x` through the children by `step`. A Misfit in it says where a flattened size came from. */
  #follow<T>(x: T, step: (child: NamedChild, x: T) => T, shapeOf: (x: T) => PartialShape): T {
    const passed: PartialShape[] = [];
    for (const child of numbered(this.layers)) {
      try {
        const y = step(child, x);
        passed.push(shapeOf(x));
        x = y;
      } catch (error) {
        throw error instanceof Misfit && shapeOf(x)?.length === 2 ? error.from(origin(passed)) : error;
      }
    }
    return x;
  }
}

/** " (16 x 4 x 4)": the last image that was passed on. */
function origin(passed: readonly PartialShape[]): string {
  const image = passed.findLast((shape) => shape !== undefined && shape.length >= 3);
  return image === undefined ? "" : ` (${show(image)})`;
}
