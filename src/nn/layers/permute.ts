import { OpError } from "../../ir/op.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { permute } from "../../ops/transpose.ts";
import { Layer } from "../layer.ts";
import { Misfit, type Show, show, type Wrong } from "../shapes/message.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";

/** Axis i is the input's axis D[i]. */
export interface PermuteFn<D extends readonly number[]> extends ShapeFn {
  readonly out: Permuted<this["in"], D>;
}
type Permuted<X, D extends readonly number[]> = X extends readonly [unknown, ...unknown[]]
  ? X["length"] extends D["length"]
    ? { -readonly [I in keyof D]: X[D[I] & keyof X] }
    : Wrong<`Permute takes ${D["length"]} axes, batch included, but its input is ${Show<X>}`>
  : { -readonly [I in keyof D]: number };

/**
 * The axes in another order: axis i of the output is axis `dims[i]` of the input; 0 is the batch. torchvision's Permute.
 *
 *     new Permute([0, 2, 1])  // [n, length, channels] to [n, channels, length]
 */
export class Permute<const D extends readonly number[]> extends Layer<PermuteFn<D>> {
  readonly type = "Permute";
  readonly dims: D;

  constructor(dims: D) {
    super();
    if (![...dims].sort((a, b) => a - b).every((axis, i) => axis === i)) {
      throw new OpError("Permute", `dims must hold each axis from 0 to ${dims.length - 1} once, got [${dims.join(", ")}]`);
    }
    this.dims = dims;
  }

  override outputShape(x: PartialShape): PartialShape {
    if (x && x.length !== this.dims.length) {
      throw new Misfit(`Permute takes ${this.dims.length} axes, batch included, but its input is ${show(x)}`);
    }
    return this.dims.map((axis) => x?.[axis]);
  }

  protected override apply(x: Tensor): Tensor {
    return permute(x, this.dims);
  }
}
