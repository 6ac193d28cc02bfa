import type { Tensor } from "../../ir/tensor.ts";
import { type LocalResponseNormOptions, localResponseNorm } from "../../ops/localResponseNorm.ts";
import { Elementwise } from "./activation.ts";
import { wholeNumber } from "./conv.ts";

/** Each element divided by a power of the mean square of `size` neighbouring channels. PyTorch's LocalResponseNorm. */
export class LocalResponseNorm extends Elementwise {
  readonly type = "LocalResponseNorm";
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    this.size = wholeNumber("LocalResponseNorm", "size", size);
    this.alpha = options.alpha ?? 1e-4;
    this.beta = options.beta ?? 0.75;
    this.k = options.k ?? 1;
  }

  protected override apply(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this);
  }
}
