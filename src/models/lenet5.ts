import { OpError } from "../ir/op.ts";
import { ReLU, Tanh } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { AvgPool2d, MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";

/** Which images, in how many classes; the defaults are the digits that LeNet-5 was made for. */
export interface LeNet5Options<C extends number, K extends number> {
  /** Channels of the images. Default 1. */
  readonly channels?: C;
  /** Height of the images. Default 28. */
  readonly height?: number;
  /** Width of the images. Default 28. */
  readonly width?: number;
  /** Classes to tell apart. Default 10. */
  readonly classes?: K;
}

/**
 * LeNet-5 as it is built today: ReLU, max-pooling, every map of C3 connected to every map of S2. 61,706 weights for 28 x 28.
 *
 * LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
 */
export function lenet5<C extends number = 1, K extends number = 10>(options: LeNet5Options<C, K> = {}): Network<[C, number, number], [K]> {
  const { channels, classes, features } = sizes(options);
  // Any number of channels first: of a generic one the compiler cannot follow the shapes.
  const network: Network<[number, number, number], [K]> = new Sequential(
    new Conv2d(channels, 6, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 16, 5),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(features, 120),
    new ReLU(),
    new Linear(120, 84),
    new ReLU(),
    new Linear(84, classes),
  );
  return network;
}

/** LeNet-5 nearer to 1998: tanh and averages. Weights are named `features.0.weight` to `classifier.4.bias`. */
export function lenet5Tanh<C extends number = 1, K extends number = 10>(
  options: LeNet5Options<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes, features } = sizes(options);
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "features",
      new Sequential(
        new Conv2d(channels, 6, 5, { padding: 2 }),
        new Tanh(),
        new AvgPool2d(2),
        new Conv2d(6, 16, 5),
        new Tanh(),
        new AvgPool2d(2),
      ),
    ],
    ["flatten", new Flatten()],
    ["classifier", new Sequential(new Linear(features, 120), new Tanh(), new Linear(120, 84), new Tanh(), new Linear(84, classes))],
  );
  return network;
}

/** The free sizes of the network, and how many features its convolutions leave. */
function sizes<C extends number, K extends number>(options: LeNet5Options<C, K>): { channels: number; classes: K; features: number } {
  const { channels = 1, height = 28, width = 28, classes = 10 as K } = options;
  if (Math.min(height, width) < 12) throw new OpError("lenet5", `images must be at least 12 x 12, got ${height} x ${width}`);
  // What is left of an extent after pooling, a 5-wide window and pooling again.
  const left = (extent: number): number => Math.floor((Math.floor(extent / 2) - 4) / 2);
  return { channels, classes, features: 16 * left(height) * left(width) };
}
