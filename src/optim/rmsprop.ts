import type { Parameter } from "../ir/state.ts";
import type { Tensor } from "../ir/tensor.ts";
import { add, div, mul, neg, type Operand, sub } from "../ops/arithmetic.ts";
import { sqrt } from "../ops/elementary.ts";
import { maximum } from "../ops/extremum.ts";
import { inRange, Optimizer, renewed } from "./optimizer.ts";

export interface RMSpropOptions {
  /** Default 0.01. */
  readonly lr?: number;
  /** How much of the old mean square each step keeps. Default 0.99. */
  readonly alpha?: number;
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** This times the parameter is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** How much of the last step goes into the next. Default 0. */
  readonly momentum?: number;
  /** Whether the mean is taken off before squaring: a variance instead of a mean square. Default false. */
  readonly centered?: boolean;
  /** Whether to climb instead of to descend. Default false. */
  readonly maximize?: boolean;
}

/**
 * Steps by the gradient divided by the root of its mean square. PyTorch's RMSprop, in its order of operations.
 *
 * States: `<parameter>.square_avg`, `.grad_avg` if centered, `.momentum` with momentum.
 *
 * Hinton, "Neural networks for machine learning", lecture 6e, 2012; centered: Graves, 2013.
 */
export class RMSprop extends Optimizer {
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly centered: boolean;
  readonly maximize: boolean;

  constructor(options: RMSpropOptions = {}) {
    super("RMSprop", options.lr ?? 0.01);
    this.alpha = inRange("RMSprop", "alpha", options.alpha ?? 0.99, 0);
    this.eps = inRange("RMSprop", "eps", options.eps ?? 1e-8, 0);
    this.weightDecay = inRange("RMSprop", "weightDecay", options.weightDecay ?? 0, 0);
    this.momentum = inRange("RMSprop", "momentum", options.momentum ?? 0, 0);
    this.centered = options.centered ?? false;
    this.maximize = options.maximize ?? false;
  }

  protected override get hasMomentum(): boolean {
    return this.momentum !== 0;
  }

  override prepare(parameters: readonly Parameter[]): void {
    for (const p of parameters) {
      this.own(p, "square_avg");
      if (this.centered) this.own(p, "grad_avg");
      if (this.hasMomentum) this.own(p, "momentum");
    }
  }

  protected override update(p: Parameter, gradient: Tensor, lr: Tensor, momentum: Operand = this.momentum): Tensor {
    let g = this.maximize ? neg(gradient) : gradient;
    if (this.weightDecay !== 0) g = add(g, mul(p.tensor, this.weightDecay));
    const square = renewed(this.own(p, "square_avg"), (v) => add(mul(v, this.alpha), mul(mul(g, 1 - this.alpha), g)));
    const step = div(g, add(sqrt(this.centered ? this.#variance(p, g, square) : square), this.eps));
    const taken = this.hasMomentum ? renewed(this.own(p, "momentum"), (old) => add(mul(old, momentum), step)) : step;
    return sub(p.tensor, mul(taken, lr));
  }

  /** The mean square without the square of the mean. */
  // PyTorch: takes the root of what rounding may have made less than zero.
  #variance(p: Parameter, g: Tensor, square: Tensor): Tensor {
    const mean = renewed(this.own(p, "grad_avg"), (m) => add(mul(m, this.alpha), mul(g, 1 - this.alpha)));
    return maximum(sub(square, mul(mean, mean)), 0);
  }
}
