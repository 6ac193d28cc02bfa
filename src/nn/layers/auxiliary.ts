import { OpError } from "../../ir/op.ts";
import type { State } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { currentMode, currentPath, reportAuxiliary } from "../../ir/trace.ts";
import { type Child, checkNames, type ModuleOf, type NamedChild, type NameOf, named, partsOf } from "../children.ts";
import { Layer } from "../layer.ts";
import type { Module } from "../module.ts";
import { shapeThrough, tensorThrough } from "../passing.ts";
import { joinPath, type Under } from "../shapes/message.ts";
import type { Run } from "../shapes/run.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";

/** Its input, if the head can take it. */
export interface AuxiliaryFn<H> extends ShapeFn {
  readonly out: Run<ModuleOf<H>, this["in"]> extends infer Y ? (Y extends string ? Under<NameOf<H, "head">, Y> : this["in"]) : never;
}

export interface AuxiliaryOptions {
  /** How much the head's loss counts beside that of the network's own output. Default 0.3. */
  readonly weight?: number;
}

/**
 * A second classifier in the middle of a network. It passes its input on; while training, its head also sorts that input, and the
 * head's loss, times `weight`, is added to the network's. Evaluation and inference never build it. The child is called "head" unless
 * it has a name.
 *
 *     new Sequential(stem, new Auxiliary(new Sequential(new GlobalAvgPool(), new Linear(512, 10))), rest)
 *
 * `fit` adds the losses; with `compile`, `withAuxiliaries` gives what the heads gave. Szegedy et al., "Going deeper with
 * convolutions", 2015, where the weight is 0.3.
 */
export class Auxiliary<const H extends Child> extends Layer<AuxiliaryFn<H>> {
  readonly type = "Auxiliary";
  readonly weight: number;
  readonly #head: NamedChild;

  constructor(head: H, options: AuxiliaryOptions = {}) {
    super();
    const { weight = 0.3 } = options;
    if (!(weight >= 0 && Number.isFinite(weight))) throw new OpError(this.type, `weight must be a number of at least 0, got ${weight}`);
    this.weight = weight;
    this.#head = named(head, "head");
    checkNames(this.type, [this.#head]);
  }

  /** The classifier. */
  get head(): ModuleOf<H> {
    return this.#head[1] as ModuleOf<H>;
  }

  override namedChildren(): Iterable<readonly [name: string, child: Module | State]> {
    return partsOf([this.#head]);
  }

  override outputShape(x: PartialShape): PartialShape {
    shapeThrough(this.#head, x);
    return x;
  }

  protected override apply(x: Tensor): Tensor {
    if (currentMode() === "train") {
      reportAuxiliary(joinPath(currentPath(), this.#head[0]), tensorThrough(this.#head, x, this.type), this.weight);
    }
    return x;
  }
}
