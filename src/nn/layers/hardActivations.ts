/** Activations of straight pieces. */
import { OpError } from "../../ir/op.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { hardsigmoid, hardswish, hardtanh } from "../../ops/hard.ts";
import { hardshrink, softshrink } from "../../ops/shrink.ts";
import { threshold } from "../../ops/threshold.ts";
import { Elementwise } from "./activation.ts";

/** x between `minVal` and `maxVal`. PyTorch's Hardtanh. */
export class Hardtanh extends Elementwise {
  readonly type = "Hardtanh";
  readonly minVal: number;
  readonly maxVal: number;

  constructor(minVal = -1, maxVal = 1) {
    super();
    if (!(minVal < maxVal)) throw new OpError("Hardtanh", `minVal must be below maxVal, got ${minVal} and ${maxVal}`);
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  protected override apply(x: Tensor): Tensor {
    return hardtanh(x, this.minVal, this.maxVal);
  }
}

/** relu6(x + 3) / 6. PyTorch's Hardsigmoid. */
export class Hardsigmoid extends Elementwise {
  readonly type = "Hardsigmoid";
  protected override apply(x: Tensor): Tensor {
    return hardsigmoid(x);
  }
}

/** x * relu6(x + 3) / 6. PyTorch's Hardswish. */
export class Hardswish extends Elementwise {
  readonly type = "Hardswish";
  protected override apply(x: Tensor): Tensor {
    return hardswish(x);
  }
}

/** x where it is further than `lambd` from zero, else 0. PyTorch's Hardshrink. */
export class Hardshrink extends Elementwise {
  readonly type = "Hardshrink";
  readonly lambd: number;

  constructor(lambd = 0.5) {
    super();
    this.lambd = lambd;
  }

  protected override apply(x: Tensor): Tensor {
    return hardshrink(x, this.lambd);
  }
}

/** x moved towards zero by `lambd`, but not beyond it. PyTorch's Softshrink. */
export class Softshrink extends Elementwise {
  readonly type = "Softshrink";
  readonly lambd: number;

  constructor(lambd = 0.5) {
    super();
    if (!(lambd >= 0)) throw new OpError("Softshrink", `lambd must be at least 0, got ${lambd}`);
    this.lambd = lambd;
  }

  protected override apply(x: Tensor): Tensor {
    return softshrink(x, this.lambd);
  }
}

/** x where it is above the threshold, else `value`. PyTorch's Threshold. */
export class Threshold extends Elementwise {
  readonly type = "Threshold";
  readonly threshold: number;
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    this.threshold = threshold;
    this.value = value;
  }

  protected override apply(x: Tensor): Tensor {
    return threshold(x, this.threshold, this.value);
  }
}
