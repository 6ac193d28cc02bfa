import type { Parameter } from "../ir/state.ts";
import type { Tensor } from "../ir/tensor.ts";
import { assign } from "../ir/trace.ts";
import { add, div, mul, neg, sub } from "../ops/arithmetic.ts";
import { sqrt } from "../ops/elementary.ts";
import { inRange, Optimizer, renewed } from "./optimizer.ts";

export interface AdagradOptions {
  /** Default 0.01. */
  readonly lr?: number;
  /** How fast the rate falls: it is divided by 1 + lrDecay * (steps done). Default 0. */
  readonly lrDecay?: number;
  /** This times the parameter is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** What the sums of squares begin with. Default 0. */
  readonly initialAccumulatorValue?: number;
  /** Added to the denominator. Default 1e-10. */
  readonly eps?: number;
  /** Whether to climb instead of to descend. Default false. */
  readonly maximize?: boolean;
}

/**
 * Steps by the gradient divided by the root of the sum of all its squares. PyTorch's Adagrad, in its order of operations.
 *
 * States: `<parameter>.sum`; with lrDecay `step` for all parameters.
 *
 * Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 2011.
 */
export class Adagrad extends Optimizer {
  readonly lrDecay: number;
  readonly weightDecay: number;
  readonly initialAccumulatorValue: number;
  readonly eps: number;
  readonly maximize: boolean;

  constructor(options: AdagradOptions = {}) {
    super("Adagrad", options.lr ?? 0.01);
    this.lrDecay = inRange("Adagrad", "lrDecay", options.lrDecay ?? 0, 0);
    this.weightDecay = inRange("Adagrad", "weightDecay", options.weightDecay ?? 0, 0);
    this.initialAccumulatorValue = inRange("Adagrad", "initialAccumulatorValue", options.initialAccumulatorValue ?? 0, 0);
    this.eps = inRange("Adagrad", "eps", options.eps ?? 1e-10, 0);
    this.maximize = options.maximize ?? false;
  }

  override prepare(parameters: readonly Parameter[]): void {
    for (const p of parameters) this.own(p, "sum", this.initialAccumulatorValue);
    if (this.lrDecay !== 0) this.shared("step");
  }

  protected override advance(): void {
    if (this.lrDecay !== 0) assign(this.shared("step"), add(this.shared("step").tensor, 1));
  }

  protected override update(p: Parameter, gradient: Tensor, lr: Tensor): Tensor {
    let g = this.maximize ? neg(gradient) : gradient;
    if (this.weightDecay !== 0) g = add(g, mul(p.tensor, this.weightDecay));
    const sum = renewed(this.own(p, "sum", this.initialAccumulatorValue), (s) => add(s, mul(g, g)));
    const rate = this.lrDecay === 0 ? lr : div(lr, add(mul(this.shared("step").tensor, this.lrDecay), 1));
    return sub(p.tensor, div(mul(g, rate), add(sqrt(sum), this.eps)));
  }
}
