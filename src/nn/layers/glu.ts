import type { Tensor } from "../../ir/tensor.ts";
import { glu } from "../../ops/glu.ts";
import { Layer } from "../layer.ts";
import type { Div, Mod } from "../shapes/arith.ts";
import { Misfit, type Name, name, type Show, show, type Wrong } from "../shapes/message.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";

/** Half as many along axis D, 1 or -1. */
export interface GLUFn<D> extends ShapeFn {
  readonly out: Gated<this["in"], D>;
}
type Gated<X, D> = [number] extends [D]
  ? readonly number[]
  : [D] extends [1]
    ? X extends readonly [infer N, infer C, ...infer T]
      ? Whole<X, Half<C>, [N, Half<C>, ...T], C>
      : readonly number[]
    : [D] extends [-1]
      ? X extends readonly [...infer H, infer C]
        ? Whole<X, Half<C>, [...H, Half<C>], C>
        : readonly number[]
      : readonly number[];
/** C / 2, -1 where it is not whole. */
type Half<C> = [number] extends [C] ? number : [C] extends [infer C extends number] ? (Mod<C, 2> extends 0 ? Div<C, 2> : -1) : number;
type Whole<X, H, Ok, C> = [H] extends [-1] ? Wrong<`GLU halves an axis of ${Name<C>}, but its input is ${Show<X>}`> : Ok;

/** The first half of its input along an axis times the sigmoid of the second. PyTorch's GLU. */
export class GLU<const D extends number = -1> extends Layer<GLUFn<D>> {
  readonly type = "GLU";
  readonly dim: D;

  /** `dim` is the axis that is halved; negative counts from the end. */
  constructor(dim: D = -1 as D) {
    super();
    this.dim = dim;
  }

  override outputShape(x: PartialShape): PartialShape {
    if (x === undefined) return x;
    const d = this.dim < 0 ? this.dim + x.length : this.dim;
    const extent = x[d];
    if (d < 0 || d >= x.length) return x;
    if (extent !== undefined && extent % 2 !== 0) throw new Misfit(`GLU halves an axis of ${name(extent)}, but its input is ${show(x)}`);
    return x.with(d, extent === undefined ? undefined : extent / 2);
  }

  protected override apply(x: Tensor): Tensor {
    return glu(x, this.dim);
  }
}
