import type { Tensor } from "../../ir/tensor.ts";
import { flatten } from "../../ops/reshape.ts";
import { Layer } from "../layer.ts";
import { type PartialShape, type Product, product, type ShapeFn } from "../shapes/shape.ts";

/** All axes but the batch as one. */
export interface FlattenFn extends ShapeFn {
  readonly out: this["in"] extends readonly [infer N, ...infer S] ? [N, Product<S>] : [number, number];
}

/** [n, c, h, w] to [n, c * h * w], in row-major order. PyTorch's Flatten with its defaults. */
export class Flatten extends Layer<FlattenFn> {
  readonly type = "Flatten";

  override outputShape(x: PartialShape): PartialShape {
    return x === undefined || x.length === 0 ? [undefined, undefined] : [x[0], product(x.slice(1))];
  }

  protected override apply(x: Tensor): Tensor {
    return flatten(x);
  }
}
