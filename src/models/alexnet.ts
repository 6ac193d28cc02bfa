import { ReLU } from "../nn/layers/activation.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptivePool.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

/** Which images, in how many classes, and how much is dropped. */
export interface AlexNetOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Probability with which features are dropped before each of the two large dense layers. Default 0.5. */
  readonly dropout?: number;
}

/**
 * AlexNet, for images of at least 63 x 63. 61,100,840 weights.
 *
 * Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014, which torchvision follows: one column, 64 filters
 * first. The network of 2012 (Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks") has 96, in
 * two columns, and normalises responses; its dropout comes after the dense layers' ReLU, which is where the next one's input is.
 */
export function alexnet<C extends number = 3, K extends number = 1000>(
  options: AlexNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.5 } = options;
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "features",
      new Sequential(
        new Conv2d(channels, 64, 11, { stride: 4, padding: 2 }),
        new ReLU(),
        new MaxPool2d(3, { stride: 2 }),
        new Conv2d(64, 192, 5, { padding: 2 }),
        new ReLU(),
        new MaxPool2d(3, { stride: 2 }),
        new Conv2d(192, 384, 3, { padding: 1 }),
        new ReLU(),
        new Conv2d(384, 256, 3, { padding: 1 }),
        new ReLU(),
        new Conv2d(256, 256, 3, { padding: 1 }),
        new ReLU(),
        new MaxPool2d(3, { stride: 2 }),
      ),
    ],
    ["avgpool", new AdaptiveAvgPool2d(6)],
    ["flatten", new Flatten()],
    [
      "classifier",
      new Sequential(
        new Dropout(dropout),
        new Linear(9216, 4096),
        new ReLU(),
        new Dropout(dropout),
        new Linear(4096, 4096),
        new ReLU(),
        new Linear(4096, classes),
      ),
    ],
  );
  return network;
}
