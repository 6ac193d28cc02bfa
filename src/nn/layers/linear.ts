import { OpError } from "../../ir/op.ts";
import { Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { linear } from "../../ops/matmul.ts";
import { reshape } from "../../ops/reshape.ts";
import { fanInInit } from "../init.ts";
import { Layer } from "../layer.ts";
import { type Count, count, Misfit, type Name, name, type Show, show, type Wrong } from "../shapes/message.ts";
import { type Fits, fits, type PartialShape, type Product, product, type ShapeFn } from "../shapes/shape.ts";

/** I features along the last axis to O features. */
export interface LinearFn<I, O> extends ShapeFn {
  readonly out: Multiplied<this["in"], I, O>;
}
type Multiplied<X, I, O> = X extends readonly [...infer H, infer X1]
  ? Fits<X1, I> extends true
    ? [...H, O]
    : Wrong<
        H extends readonly [unknown]
          ? `Linear takes ${Count<I, "feature">}, but its input has ${Name<X1>}`
          : `Linear takes ${Count<I, "feature">}, but its input is ${Show<X>}${X extends readonly [unknown, ...infer S] ? (Product<S> extends I ? ". Put a Flatten before it" : "") : ""}`
      >
  : [number, O];

/** x w^T + b over the last axis of [n, ..., inFeatures]. PyTorch's Linear. */
export class Linear<const I extends number, const O extends number> extends Layer<LinearFn<I, O>> {
  readonly type = "Linear";
  readonly inFeatures: I;
  readonly outFeatures: O;
  /** [outFeatures, inFeatures]. */
  readonly weight: Parameter;
  /** [outFeatures], or undefined without bias. */
  readonly bias: Parameter | undefined;

  /** `bias: false` leaves the bias out. */
  constructor(inFeatures: I, outFeatures: O, options: { readonly bias?: boolean } = {}) {
    super();
    for (const [what, n] of Object.entries({ inFeatures, outFeatures })) {
      if (!Number.isInteger(n) || n < 1) throw new OpError("Linear", `${what} must be a whole number of at least 1, got ${n}`);
    }
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const init = fanInInit(inFeatures);
    this.weight = new Parameter([outFeatures, inFeatures], init);
    this.bias = (options.bias ?? true) ? new Parameter([outFeatures], init) : undefined;
  }

  override outputShape(x: PartialShape): PartialShape {
    if (x === undefined) return [undefined, this.outFeatures];
    const last = x.at(-1);
    if (fits(last, this.inFeatures) && x.length > 0) return [...x.slice(0, -1), this.outFeatures];
    const takes = `Linear takes ${count(this.inFeatures, "feature")}, but its input`;
    if (x.length === 2) throw new Misfit(`${takes} has ${name(last)}`);
    throw new Misfit(`${takes} is ${show(x)}${product(x.slice(1)) === this.inFeatures ? ". Put a Flatten before it" : ""}`);
  }

  protected override apply(x: Tensor): Tensor {
    const rows = linear(reshape(x, [-1, this.inFeatures]), this.weight.tensor, this.bias?.tensor);
    return reshape(rows, [...x.shape.slice(0, -1), this.outFeatures]);
  }
}
