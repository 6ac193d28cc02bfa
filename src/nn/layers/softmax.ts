import type { Tensor } from "../../ir/tensor.ts";
import { logSoftmax, softmax, softmin } from "../../ops/softmax.ts";
import { Elementwise } from "./activation.ts";

/** Scores to probabilities: positive, with sum 1 along an axis. PyTorch's Softmax. */
export class Softmax extends Elementwise {
  readonly type = "Softmax";
  /** The axis that sums to 1; negative counts from the end. */
  readonly dim: number;

  /** `dim` is the channel axis by default: the classes of [n, classes]. */
  constructor(dim = 1) {
    super();
    this.dim = dim;
  }

  protected override apply(x: Tensor): Tensor {
    return softmax(x, this.dim);
  }
}

/** Logarithm of the softmax along an axis, without the loss of going through it. PyTorch's LogSoftmax. */
export class LogSoftmax extends Elementwise {
  readonly type = "LogSoftmax";
  /** The axis whose exponentials sum to 1; negative counts from the end. */
  readonly dim: number;

  /** `dim` is the channel axis by default: the classes of [n, classes]. */
  constructor(dim = 1) {
    super();
    this.dim = dim;
  }

  protected override apply(x: Tensor): Tensor {
    return logSoftmax(x, this.dim);
  }
}

/** Softmax of the negated scores: the smallest become the largest. PyTorch's Softmin. */
export class Softmin extends Elementwise {
  readonly type = "Softmin";
  /** The axis that sums to 1; negative counts from the end. */
  readonly dim: number;

  /** `dim` is the channel axis by default: the classes of [n, classes]. */
  constructor(dim = 1) {
    super();
    this.dim = dim;
  }

  protected override apply(x: Tensor): Tensor {
    return softmin(x, this.dim);
  }
}
