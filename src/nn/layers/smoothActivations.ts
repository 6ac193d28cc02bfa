/** Activations without kinks. */
import { OpError } from "../../ir/op.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { type GeluApproximation, gelu } from "../../ops/gelu.ts";
import { mish } from "../../ops/mish.ts";
import { tanhshrink } from "../../ops/shrink.ts";
import { silu } from "../../ops/silu.ts";
import { logSigmoid, softplus } from "../../ops/softplus.ts";
import { softsign } from "../../ops/softsign.ts";
import { Elementwise } from "./activation.ts";

/** x times the probability that a standard normal number is below x. PyTorch's GELU. */
export class GELU extends Elementwise {
  readonly type = "GELU";
  readonly approximate: GeluApproximation;

  /** `approximate: "tanh"` is cheaper and within 5e-4. */
  constructor(options: { readonly approximate?: GeluApproximation } = {}) {
    super();
    this.approximate = options.approximate ?? "none";
  }

  protected override apply(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }
}

/** x * sigmoid(x). PyTorch's SiLU. */
export class SiLU extends Elementwise {
  readonly type = "SiLU";
  protected override apply(x: Tensor): Tensor {
    return silu(x);
  }
}

/** x * tanh(softplus(x)). PyTorch's Mish. */
export class Mish extends Elementwise {
  readonly type = "Mish";
  protected override apply(x: Tensor): Tensor {
    return mish(x);
  }
}

/** log(1 + e^(beta x)) / beta, and x itself where beta x is above the threshold. PyTorch's Softplus. */
export class Softplus extends Elementwise {
  readonly type = "Softplus";
  readonly beta: number;
  readonly threshold: number;

  constructor(beta = 1, threshold = 20) {
    super();
    if (beta === 0) throw new OpError("Softplus", "beta must not be 0");
    this.beta = beta;
    this.threshold = threshold;
  }

  protected override apply(x: Tensor): Tensor {
    return softplus(x, this.beta, this.threshold);
  }
}

/** x / (1 + |x|). PyTorch's Softsign. */
export class Softsign extends Elementwise {
  readonly type = "Softsign";
  protected override apply(x: Tensor): Tensor {
    return softsign(x);
  }
}

/** log(1 / (1 + e^-x)). PyTorch's LogSigmoid. */
export class LogSigmoid extends Elementwise {
  readonly type = "LogSigmoid";
  protected override apply(x: Tensor): Tensor {
    return logSigmoid(x);
  }
}

/** x - tanh(x). PyTorch's Tanhshrink. */
export class Tanhshrink extends Elementwise {
  readonly type = "Tanhshrink";
  protected override apply(x: Tensor): Tensor {
    return tanhshrink(x);
  }
}
