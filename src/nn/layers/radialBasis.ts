import type { NdArray } from "../../base/ndarray.ts";
import { OpError } from "../../ir/op.ts";
import { State } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { mul, neg, sub } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/reshape.ts";
import { sum } from "../../ops/sum.ts";
import { Layer } from "../layer.ts";
import { type Count, count, Misfit, type Show, show, type Wrong } from "../shapes/message.ts";
import { type Fits, fits, type PartialShape, type ShapeFn } from "../shapes/shape.ts";

/** I features to O scores. */
export interface RadialBasisFn<I, O> extends ShapeFn {
  readonly out: Scored<this["in"], I, O>;
}
type Scored<X, I, O> = X extends readonly [infer N, infer X1]
  ? Fits<X1, I> extends true
    ? [N, O]
    : Wrong<`RadialBasis takes ${Count<I, "feature">}, but its input is ${Show<X>}`>
  : X extends readonly [unknown, ...infer S]
    ? number extends S["length"]
      ? [number, O]
      : Wrong<`RadialBasis takes ${Count<I, "feature">}, but its input is ${Show<X>}`>
    : [number, O];

/**
 * How near [n, features] is to fixed points, one for each class: minus the squared distance, so that the largest score is the nearest
 * point. Nothing in it is learnt: what comes before learns to hit the points.
 *
 * The softmax of these scores is the posterior of Gaussians around the points, so crossEntropy trains it; but for a constant that is
 * the discriminative criterion of LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
 */
export class RadialBasis<const I extends number, const O extends number> extends Layer<RadialBasisFn<I, O>> {
  readonly type = "RadialBasis";
  readonly inFeatures: I;
  readonly outFeatures: O;
  /** [outFeatures, inFeatures]: the points. No parameter. */
  readonly centers: State;

  /** `centers` has one row of `inFeatures` numbers for each of the `outFeatures` classes. */
  constructor(inFeatures: I, outFeatures: O, centers: readonly (readonly number[])[]) {
    super();
    if (centers.length !== outFeatures || centers.some((row) => row.length !== inFeatures)) {
      const got = `${centers.length} of ${[...new Set(centers.map((row) => row.length))].join(" and ")}`;
      throw new OpError(this.type, `centers must be ${outFeatures} rows of ${inFeatures} numbers, got ${got}`);
    }
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.centers = new State([outFeatures, inFeatures], (array: NdArray) => array.data.set(centers.flat()));
  }

  override outputShape(x: PartialShape): PartialShape {
    if (x === undefined || (x.length === 2 && fits(x[1], this.inFeatures))) return [x?.[0], this.outFeatures];
    throw new Misfit(`RadialBasis takes ${count(this.inFeatures, "feature")}, but its input is ${show(x)}`);
  }

  protected override apply(x: Tensor): Tensor {
    const away = sub(reshape(x, [x.shape[0]!, 1, this.inFeatures]), this.centers.tensor);
    return neg(sum(mul(away, away), [2]));
  }
}
