import type { Tensor } from "../../ir/tensor.ts";
import { sigmoid, tanh } from "../../ops/elementary.ts";
import { relu } from "../../ops/relu.ts";
import { Layer } from "../layer.ts";
import type { PartialShape, Same } from "../shapes/shape.ts";

/** A layer that keeps its input's shape. */
export abstract class Elementwise extends Layer<Same> {
  override outputShape(x: PartialShape): PartialShape {
    return x;
  }
}

/** Its input, unchanged. PyTorch's Identity. */
export class Identity extends Elementwise {
  readonly type = "Identity";
  protected override apply(x: Tensor): Tensor {
    return x;
  }
}

/** max(x, 0). PyTorch's ReLU. */
export class ReLU extends Elementwise {
  readonly type = "ReLU";
  protected override apply(x: Tensor): Tensor {
    return relu(x);
  }
}

/** Hyperbolic tangent. PyTorch's Tanh. */
export class Tanh extends Elementwise {
  readonly type = "Tanh";
  protected override apply(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** 1 / (1 + e^-x). PyTorch's Sigmoid. */
export class Sigmoid extends Elementwise {
  readonly type = "Sigmoid";
  protected override apply(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
