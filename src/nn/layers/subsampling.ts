import { Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { subsample } from "../../ops/subsample.ts";
import { perAxis } from "../../ops/window.ts";
import { fanInInit } from "../init.ts";
import { Layer } from "../layer.ts";
import { type Image, splitImage } from "../shapes/image.ts";
import { type Pooled, type PoolWindow, pooledShape } from "../shapes/pool.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";
import { type Size2, wholeNumber } from "./conv.ts";

/** As many channels as before, C, through windows side by side. */
export interface SubsamplingFn<C, K> extends ShapeFn {
  readonly out: Pooled<Image<this["in"], "Subsampling2d", 2, C>, "Subsampling2d", K, K, 0, 1, false>;
}

/**
 * Trainable pooling of [n, channels, height, width]: each window's sum, times its channel's coefficient, plus its channel's
 * bias. The layers S2 and S4 of LeNet-5, without their sigmoid.
 *
 * LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
 */
export class Subsampling2d<const C extends number, const K extends Size2> extends Layer<SubsamplingFn<C, K>> {
  readonly type = "Subsampling2d";
  readonly channels: C;
  readonly window: PoolWindow;
  /** [channels]: the coefficients. */
  readonly weight: Parameter;
  /** [channels]. */
  readonly bias: Parameter;

  constructor(channels: C, kernelSize: K) {
    super();
    this.channels = wholeNumber(this.type, "channels", channels);
    const kernel = perAxis(this.type, "kernelSize", kernelSize, 2);
    this.window = {
      kernel,
      stride: kernel,
      padding: [
        [0, 0],
        [0, 0],
      ],
      dilation: [1, 1],
      ceilMode: false,
    };
    const init = fanInInit(kernel.reduce((a, b) => a * b, 1));
    this.weight = new Parameter([channels], init);
    this.bias = new Parameter([channels], init);
  }

  override outputShape(x: PartialShape): PartialShape {
    return pooledShape(splitImage(x, this.type, 2, this.channels), this.type, this.window);
  }

  protected override apply(x: Tensor): Tensor {
    return subsample(x, this.weight.tensor, this.bias.tensor, this.window.kernel);
  }
}
