import { OpError } from "../ir/op.ts";
import type { Parameter } from "../ir/state.ts";
import type { Tensor } from "../ir/tensor.ts";
import { assign } from "../ir/trace.ts";
import { add, mul, neg, type Operand, sub } from "../ops/arithmetic.ts";
import { select } from "../ops/select.ts";
import { inRange, Optimizer, renewed } from "./optimizer.ts";

export interface SGDOptions {
  readonly lr: number;
  /** How much of the last step goes into the next. Default 0. */
  readonly momentum?: number;
  /** How much of a gradient does not go into the momentum, from the second step on. Default 0. */
  readonly dampening?: number;
  /** Whether the momentum looks ahead; needs momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** This times the parameter is added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** Whether to climb instead of to descend. Default false. */
  readonly maximize?: boolean;
}

/** Stochastic gradient descent with momentum. PyTorch's SGD, in its order of operations. States: `<parameter>.momentum`. */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly maximize: boolean;

  constructor(options: SGDOptions) {
    super("SGD", options.lr);
    this.momentum = inRange("SGD", "momentum", options.momentum ?? 0, 0);
    this.dampening = options.dampening ?? 0;
    this.nesterov = options.nesterov ?? false;
    this.weightDecay = inRange("SGD", "weightDecay", options.weightDecay ?? 0, 0);
    this.maximize = options.maximize ?? false;
    if (this.nesterov && (this.momentum === 0 || this.dampening !== 0)) {
      throw new OpError("SGD", `nesterov needs momentum and no dampening, got ${this.momentum} and ${this.dampening}`);
    }
  }

  override prepare(parameters: readonly Parameter[]): void {
    if (this.momentum === 0) return;
    for (const p of parameters) this.own(p, "momentum");
    if (this.dampening !== 0) this.shared("step");
  }

  protected override advance(): void {
    if (this.momentum === 0 || this.dampening === 0) return;
    assign(this.shared("step"), add(this.shared("step").tensor, 1));
  }

  protected override get hasMomentum(): boolean {
    return this.momentum !== 0;
  }

  protected override update(p: Parameter, gradient: Tensor, lr: Tensor, factor: Operand = this.momentum): Tensor {
    let g = this.maximize ? neg(gradient) : gradient;
    if (this.weightDecay !== 0) g = add(g, mul(p.tensor, this.weightDecay));
    if (this.hasMomentum) {
      const momentum = renewed(this.own(p, "momentum"), (old) => add(mul(old, factor), this.#dampened(g)));
      g = this.nesterov ? add(g, mul(momentum, factor)) : momentum;
    }
    return sub(p.tensor, mul(g, lr));
  }

  /** PyTorch: the first step's momentum is the whole gradient, dampening or not. */
  #dampened(g: Tensor): Tensor {
    return this.dampening === 0 ? g : mul(g, select("eq", this.shared("step").tensor, 0, 1, 1 - this.dampening));
  }
}
