import type { Tensor } from "../../ir/tensor.ts";
import { mul } from "../../ops/arithmetic.ts";
import { globalAvgPool } from "../../ops/globalPool.ts";
import { Layer } from "../layer.ts";
import type { PartialShape } from "../shapes/shape.ts";
import { type Elementwise, ReLU, Sigmoid } from "./activation.ts";
import { type ImageNormFn, keptImage } from "./batchNorm.ts";
import { Conv2d, wholeNumber } from "./conv.ts";

export interface SqueezeExcitationOptions {
  /** Between the two dense layers. Default ReLU. */
  readonly activation?: Elementwise;
  /** Makes weights of what the second gives. Default Sigmoid. */
  readonly scaleActivation?: Elementwise;
}

/**
 * Each channel of [n, channels, height, width] times a weight, which a small network of two dense layers makes of all channels' means:
 * the network looks at the whole image and decides which channels matter. torchvision's SqueezeExcitation.
 *
 * Hu, Shen, Sun, "Squeeze-and-excitation networks", 2017.
 */
export class SqueezeExcitation<const C extends number> extends Layer<ImageNormFn<"SqueezeExcitation", 2, C>> {
  readonly type = "SqueezeExcitation";
  readonly inputChannels: C;
  // PyTorch: dense layers, but written as 1 x 1 convolutions, and the shapes of their weights with them.
  readonly fc1: Conv2d<C, number, 1>;
  readonly fc2: Conv2d<number, C, 1>;
  readonly activation: Elementwise;
  readonly scaleActivation: Elementwise;

  /** `squeezeChannels` are left between the two dense layers. */
  constructor(inputChannels: C, squeezeChannels: number, options: SqueezeExcitationOptions = {}) {
    super();
    this.inputChannels = wholeNumber(this.type, "inputChannels", inputChannels);
    wholeNumber(this.type, "squeezeChannels", squeezeChannels);
    this.fc1 = new Conv2d(inputChannels, squeezeChannels, 1);
    this.fc2 = new Conv2d(squeezeChannels, inputChannels, 1);
    this.activation = options.activation ?? new ReLU();
    this.scaleActivation = options.scaleActivation ?? new Sigmoid();
  }

  override outputShape(x: PartialShape): PartialShape {
    return keptImage(x, this.type, 2, this.inputChannels);
  }

  protected override apply(x: Tensor): Tensor {
    const layers = [this.fc1, this.activation, this.fc2, this.scaleActivation];
    return mul(
      x,
      layers.reduce<Tensor>((y, layer) => layer.forward(y as never), globalAvgPool(x)),
    );
  }
}
