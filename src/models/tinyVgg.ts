import { OpError } from "../ir/op.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

/** Which images, in how many classes; the defaults are those of CNN Explainer. */
export interface TinyVggOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Height of the images. Default 64. */
  readonly height?: number;
  /** Width of the images. Default 64. */
  readonly width?: number;
}

/**
 * TinyVGG: two blocks of two 3 x 3 convolutions with ten filters each, small enough to look into. 19,920 weights for 64 x 64.
 *
 * Wang et al., "CNN Explainer: learning convolutional neural networks with interactive visualization", 2020. Layers have its names.
 */
export function tinyVgg<C extends number = 3, K extends number = 10>(
  options: TinyVggOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options, 10);
  const { height = 64, width = 64 } = options;
  if (Math.min(height, width) < 16) throw new OpError("tinyVgg", `images must be at least 16 x 16, got ${height} x ${width}`);
  const network: Network<[number, number, number], [K]> = new Sequential(
    ["conv_1_1", new Conv2d(channels, 10, 3)],
    ["relu_1_1", new ReLU()],
    ["conv_1_2", new Conv2d(10, 10, 3)],
    ["relu_1_2", new ReLU()],
    ["max_pool_1", new MaxPool2d(2)],
    ["conv_2_1", new Conv2d(10, 10, 3)],
    ["relu_2_1", new ReLU()],
    ["conv_2_2", new Conv2d(10, 10, 3)],
    ["relu_2_2", new ReLU()],
    ["max_pool_2", new MaxPool2d(2)],
    ["flatten", new Flatten()],
    ["output", new Linear(10 * left(left(height)) * left(left(width)), classes)],
  );
  return network;
}

/** What a block leaves of an extent. */
const left = (extent: number): number => Math.floor((extent - 4) / 2);
