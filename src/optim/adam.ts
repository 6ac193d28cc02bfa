import type { Parameter } from "../ir/state.ts";
import type { Tensor } from "../ir/tensor.ts";
import { assign } from "../ir/trace.ts";
import { add, div, mul, neg, sub } from "../ops/arithmetic.ts";
import { expm1, log, sqrt } from "../ops/elementary.ts";
import { maximum } from "../ops/extremum.ts";
import { inRange, Optimizer, renewed } from "./optimizer.ts";

export interface AdamOptions {
  /** Default 0.001. */
  readonly lr?: number;
  /** How much of the old means of gradients and of their squares each step keeps. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number;
  /** This times the parameter is added to the gradient (Adam) or, times lr, taken from the parameter (AdamW). */
  readonly weightDecay?: number;
  /** Whether to divide by the largest mean square so far, not by the last. Default false. */
  readonly amsgrad?: boolean;
  /** Whether to climb instead of to descend. Default false. */
  readonly maximize?: boolean;
}

/** What is right to divide a mean by, as long as it still leans towards its start at zero: 1 - beta^t. */
type Correction = "correction1" | "correction2";

/**
 * Steps by the mean gradient, divided by the root of its mean square. PyTorch's Adam, in its order of operations.
 *
 * States: `<parameter>.exp_avg`, `.exp_avg_sq` and with amsgrad `.max_exp_avg_sq`, as PyTorch calls them; `step` for all
 * parameters; `correction1` and `correction2`, which are 1 - beta^step.
 *
 * Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015; amsgrad: Reddi, Kale, Kumar, ICLR 2018.
 */
export class Adam extends Optimizer {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
  readonly maximize: boolean;

  constructor(options: AdamOptions = {}) {
    super("Adam", options.lr ?? 1e-3);
    const [beta1, beta2] = options.betas ?? [0.9, 0.999];
    this.betas = [inRange("Adam", "betas", beta1, 0, 1), inRange("Adam", "betas", beta2, 0, 1)];
    this.eps = inRange("Adam", "eps", options.eps ?? 1e-8, 0);
    this.weightDecay = inRange("Adam", "weightDecay", options.weightDecay ?? 0, 0);
    this.amsgrad = options.amsgrad ?? false;
    this.maximize = options.maximize ?? false;
  }

  override prepare(parameters: readonly Parameter[]): void {
    this.shared("step");
    this.shared("correction1");
    this.shared("correction2");
    for (const p of parameters) {
      this.own(p, "exp_avg");
      this.own(p, "exp_avg_sq");
      if (this.amsgrad) this.own(p, "max_exp_avg_sq");
    }
  }

  protected override advance(): void {
    assign(this.shared("step"), add(this.shared("step").tensor, 1));
    assign(this.shared("correction1"), this.#correction("correction1"));
    assign(this.shared("correction2"), this.#correction("correction2"));
  }

  /** The parameter before the step proper, and the gradient that goes into it. */
  protected decayed(p: Tensor, g: Tensor, _lr: Tensor): readonly [p: Tensor, g: Tensor] {
    return this.weightDecay === 0 ? [p, g] : [p, add(g, mul(p, this.weightDecay))];
  }

  protected override get hasMomentum(): boolean {
    return true;
  }

  protected override update(parameter: Parameter, gradient: Tensor, lr: Tensor, momentum?: Tensor): Tensor {
    const [beta1, beta2] = this.betas;
    const [p, g] = this.decayed(parameter.tensor, this.maximize ? neg(gradient) : gradient, lr);
    const average = renewed(this.own(parameter, "exp_avg"), (m) =>
      add(mul(m, momentum ?? beta1), mul(g, momentum ? sub(1, momentum) : 1 - beta1)),
    );
    const square = renewed(this.own(parameter, "exp_avg_sq"), (v) => add(mul(v, beta2), mul(mul(g, 1 - beta2), g)));
    const largest = this.amsgrad ? renewed(this.own(parameter, "max_exp_avg_sq"), (v) => maximum(v, square)) : square;
    const denominator = add(div(sqrt(largest), sqrt(this.#correction("correction2"))), this.eps);
    const stepSize = div(lr, momentum ? this.#correctionOf(momentum) : this.#correction("correction1"));
    return sub(p, div(mul(average, stepSize), denominator));
  }

  /**
   * 1 - beta^t, as the mean of ones: c' = beta c + (1 - beta). In f32 the power itself would lose what matters, since
   * 1 - 0.999 keeps only three of its digits.
   */
  #correction(which: Correction): Tensor {
    const beta = this.betas[which === "correction1" ? 0 : 1];
    return add(mul(this.shared(which).tensor, beta), 1 - beta);
  }

  /** The same for a first beta that changes. */
  // PyTorch: as if it had been what it is now from the start.
  #correctionOf(beta: Tensor): Tensor {
    return neg(expm1(mul(log(beta), add(this.shared("step").tensor, 1))));
  }
}

/** Adam whose weight decay acts on the parameter itself. PyTorch's AdamW; weightDecay is 0.01 by default. */
export class AdamW extends Adam {
  constructor(options: AdamOptions = {}) {
    super({ weightDecay: 0.01, ...options });
  }

  protected override decayed(p: Tensor, g: Tensor, lr: Tensor): readonly [p: Tensor, g: Tensor] {
    return this.weightDecay === 0 ? [p, g] : [mul(p, sub(1, mul(lr, this.weightDecay))), g];
  }
}
