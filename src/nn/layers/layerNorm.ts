import type { Shape } from "../../base/shape.ts";
import { onesInit, Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { layerNorm } from "../../ops/layerNorm.ts";
import { Layer } from "../layer.ts";
import { Misfit, type Show, show, type Times, times, type Wrong } from "../shapes/message.ts";
import { type Fits, fits, type PartialShape, type ShapeFn } from "../shapes/shape.ts";
import { wholeNumber } from "./conv.ts";

export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether each element is scaled by a weight and moved by a bias afterwards. Default true. */
  readonly elementwiseAffine?: boolean;
}

/** Whatever ends in the axes S, kept. */
export interface LayerNormFn<S> extends ShapeFn {
  readonly out: EndsIn<this["in"], S> extends true
    ? this["in"]
    : Wrong<`LayerNorm takes ${Times<S>} as last axes, but its input is ${Show<this["in"]>}`>;
}
/** Whether X ends in S, as far as is known. The batch is no part of it. */
type EndsIn<X, S> = S extends readonly [...infer S0, infer L]
  ? X extends readonly [infer N, ...infer X0, infer X1]
    ? Fits<X1, L> extends true
      ? EndsIn<[N, ...X0], S0>
      : false
    : X extends readonly [unknown] | readonly []
      ? false
      : true
  : true;

/** The last axes as a tuple. */
type Axes<S> = [S] extends [number] ? readonly [S] : S;

/**
 * The last axes of the input, which are `normalizedShape`, normalised by their mean and variance, one image or place at a time,
 * then scaled and moved element by element. PyTorch's LayerNorm. Ba, Kiros, Hinton, "Layer normalization", 2016.
 */
export class LayerNorm<const S extends number | Shape> extends Layer<LayerNormFn<Axes<S>>> {
  readonly type = "LayerNorm";
  readonly normalizedShape: Shape;
  readonly eps: number;
  /** Like normalizedShape, or undefined without elementwiseAffine. */
  readonly weight: Parameter | undefined;
  /** Like normalizedShape, or undefined without elementwiseAffine. */
  readonly bias: Parameter | undefined;

  constructor(normalizedShape: S, options: LayerNormOptions = {}) {
    super();
    const given: number | Shape = normalizedShape;
    const shape: Shape = typeof given === "number" ? [given] : [...given];
    for (const extent of shape) wholeNumber("LayerNorm", "normalizedShape", extent);
    this.normalizedShape = shape;
    this.eps = options.eps ?? 1e-5;
    const affine = options.elementwiseAffine ?? true;
    this.weight = affine ? new Parameter(shape, onesInit) : undefined;
    this.bias = affine ? new Parameter(shape) : undefined;
  }

  override outputShape(x: PartialShape): PartialShape {
    const wanted = this.normalizedShape;
    if (x === undefined) return x;
    const last = x.slice(1).slice(-wanted.length);
    if (last.length === wanted.length && last.every((extent, d) => fits(extent, wanted[d]))) return x;
    throw new Misfit(`LayerNorm takes ${times(wanted)} as last axes, but its input is ${show(x)}`);
  }

  protected override apply(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, { weight: this.weight?.tensor, bias: this.bias?.tensor, eps: this.eps });
  }
}
