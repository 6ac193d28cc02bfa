/** Activations that keep the positive side, and what they make of the negative. */
import { OpError } from "../../ir/op.ts";
import { type Init, Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { currentMode } from "../../ir/trace.ts";
import { celu, elu, selu } from "../../ops/elu.ts";
import { relu6 } from "../../ops/hard.ts";
import { leakyRelu, prelu, randomRelu, rrelu } from "../../ops/leakyRelu.ts";
import { Layer } from "../layer.ts";
import { type WithChannels, withChannels } from "../shapes/channels.ts";
import type { PartialShape, Same, ShapeFn } from "../shapes/shape.ts";
import { Elementwise } from "./activation.ts";
import { wholeNumber } from "./conv.ts";
import { RandomLayer } from "./dropout.ts";

/** x where it is positive, else negativeSlope * x. PyTorch's LeakyReLU. */
export class LeakyReLU extends Elementwise {
  readonly type = "LeakyReLU";
  readonly negativeSlope: number;

  constructor(negativeSlope = 0.01) {
    super();
    this.negativeSlope = negativeSlope;
  }

  protected override apply(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }
}

/** One slope for all, or C of them. */
export interface PReLUFn<C> extends ShapeFn {
  readonly out: [C] extends [1] ? this["in"] : WithChannels<this["in"], "PReLU", C>;
}

/** x where it is positive, else weight * x, with a weight that is learned: one, or one for each channel of [n, C, ...]. PyTorch's PReLU. */
export class PReLU<const C extends number = 1> extends Layer<PReLUFn<C>> {
  readonly type = "PReLU";
  readonly numParameters: C;
  /** [numParameters]. */
  readonly weight: Parameter;

  /** `init` is the slope to start with. */
  constructor(numParameters: C = 1 as C, init = 0.25) {
    super();
    this.numParameters = wholeNumber("PReLU", "numParameters", numParameters);
    const constantInit: Init = (array) => void array.data.fill(init);
    this.weight = new Parameter([numParameters], constantInit);
  }

  override outputShape(x: PartialShape): PartialShape {
    return this.numParameters === 1 ? x : withChannels(x, this.type, this.numParameters);
  }

  protected override apply(x: Tensor): Tensor {
    return prelu(x, this.weight.tensor);
  }
}

/** x where it is positive, else x times a slope: drawn for each element where we train, the middle where we evaluate. PyTorch's RReLU. */
export class RReLU extends RandomLayer<Same> {
  readonly type = "RReLU";
  readonly lower: number;
  readonly upper: number;

  constructor(lower: number = 1 / 8, upper: number = 1 / 3) {
    super();
    if (!(lower <= upper)) throw new OpError("RReLU", `lower must not be above upper, got ${lower} and ${upper}`);
    this.lower = lower;
    this.upper = upper;
  }

  override outputShape(x: PartialShape): PartialShape {
    return x;
  }

  protected override apply(x: Tensor): Tensor {
    return currentMode() === "train" ? randomRelu(x, this.key(), this.lower, this.upper) : rrelu(x, this.lower, this.upper);
  }
}

/** x between 0 and 6. PyTorch's ReLU6. */
export class ReLU6 extends Elementwise {
  readonly type = "ReLU6";
  protected override apply(x: Tensor): Tensor {
    return relu6(x);
  }
}

/** x where it is positive, else alpha * (e^x - 1). PyTorch's ELU. */
export class ELU extends Elementwise {
  readonly type = "ELU";
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  protected override apply(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }
}

/** ELU with the alpha and the scale that keep mean 0 and variance 1. PyTorch's SELU. */
export class SELU extends Elementwise {
  readonly type = "SELU";
  protected override apply(x: Tensor): Tensor {
    return selu(x);
  }
}

/** x where it is positive, else alpha * (e^(x / alpha) - 1). PyTorch's CELU. */
export class CELU extends Elementwise {
  readonly type = "CELU";
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    if (alpha === 0) throw new OpError("CELU", "alpha must not be 0");
    this.alpha = alpha;
  }

  protected override apply(x: Tensor): Tensor {
    return celu(x, this.alpha);
  }
}
