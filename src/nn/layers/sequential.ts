import { OpError } from "../../ir/op.ts";
import { Tensor } from "../../ir/tensor.ts";
import { Layer, raised } from "../layer.ts";
import { Module } from "../module.ts";
import { type Message, Misfit, type Show, show, type Under } from "../shapes/message.ts";
import type { Run } from "../shapes/run.ts";
import type { PartialShape, Shape, ShapeFn } from "../shapes/shape.ts";

/** A module, or a module and its name in the state dict. */
export type Child = Module | readonly [name: string, module: Module];

type ModuleOf<A> = A extends readonly [string, infer M] ? M : A;
type Key<A, H extends readonly unknown[]> = A extends readonly [infer N extends string, unknown] ? N : `${H["length"]}`;
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
      ? `${Under<Key<A, H>, Y>}${Origin<X, H>}`
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
    const names = namedLayers(this.layers).map(([name]) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    const bad = names.find((name) => name === "" || name.includes("."));
    if (bad !== undefined) throw new OpError("Sequential", `names must not be empty or have dots, got "${bad}"`);
    if (twice !== undefined) throw new OpError("Sequential", `names must differ, got "${twice}" twice`);
    raised(() => this.outputShape(undefined));
  }

  /** The child of that name. */
  get<N extends Names<L>>(name: N): Named<L, N> {
    const found = namedLayers(this.layers).find(([own]) => own === name);
    if (!found)
      throw new OpError(
        "Sequential",
        `has children ${namedLayers(this.layers)
          .map(([own]) => own)
          .join(", ")}, got "${name}"`,
      );
    return found[1] as Named<L, N>;
  }

  override namedChildren(): Iterable<readonly [name: string, child: Module]> {
    return namedLayers(this.layers);
  }

  override outputShape(x: PartialShape): PartialShape {
    return follow(namedLayers(this.layers), x, (child, shape) => (child instanceof Layer ? child.outputShape(shape) : undefined));
  }

  protected override apply(x: Tensor): Tensor {
    let y: Tensor = x;
    follow(namedLayers(this.layers), x.shape, (child, shape) => {
      // Known by now also after modules that are no layers.
      if (child instanceof Layer) child.outputShape(shape);
      const output = child.forward(y as never);
      if (!(output instanceof Tensor)) throw new OpError("Sequential", `its children must give one tensor, got ${typeof output}`);
      y = output;
      return y.shape;
    });
    return y;
  }
}

const namedLayers = (layers: readonly Child[]): (readonly [string, Module])[] =>
  layers.map((child, i) => (child instanceof Module ? [`${i}`, child] : child));

/** `x` through the children by `step`. A Misfit in it gets the child's name and says where a flattened size came from. */
function follow(
  children: Iterable<readonly [string, Module]>,
  x: PartialShape,
  step: (child: Module, x: PartialShape) => PartialShape,
): PartialShape {
  const passed: PartialShape[] = [];
  for (const [name, child] of children) {
    try {
      const y = step(child, x);
      passed.push(x);
      x = y;
    } catch (error) {
      throw error instanceof Misfit ? error.under(name, x?.length === 2 ? origin(passed) : "") : error;
    }
  }
  return x;
}

/** " (16 x 4 x 4)": the last image that was passed on. */
function origin(passed: readonly PartialShape[]): string {
  const image = passed.findLast((shape) => shape !== undefined && shape.length >= 3);
  return image === undefined ? "" : ` (${show(image)})`;
}
