/**
 * VGG: nothing but 3 x 3 convolutions, two of which see as much as one of 5 x 5, for fewer weights.
 *
 * Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014: table 1. The variants with batch
 * normalisation are torchvision's, as are the names.
 */
import { zerosInit } from "../ir/state.ts";
import { normalInit } from "../nn/init.ts";
import { initWeights } from "../nn/initWeights.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptivePool.ts";
import { BatchNorm2d } from "../nn/layers/batchNorm.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Module } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { initConvs } from "./initConvs.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

/** Which images, in how many classes, and how much is dropped. */
export interface VggOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Probability with which features are dropped after each of the two large dense layers. Default 0.5. */
  readonly dropout?: number;
}

/** A network for images of at least 32 x 32. */
type ImageNetwork<C extends number, K extends number> = Network<[C, number, number], [K]>;

/** A column of table 1: 3 x 3 convolutions with so many filters, and pools. It ends in 512, which the classifier relies on. */
type Column = readonly [...(number | "pool")[], 512, "pool"];

// biome-ignore format: a table
const columns = {
  11: [64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"],
  13: [64, 64, "pool", 128, 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"],
  16: [64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool", 512, 512, 512, "pool"],
  19: [64, 64, "pool", 128, 128, "pool", 256, 256, 256, 256, "pool", 512, 512, 512, 512, "pool", 512, 512, 512, 512, "pool"],
} as const satisfies Readonly<Record<number, Column>>;

/** VGG-11: 132,863,336 weights. */
export function vgg11<C extends number = 3, K extends number = 1000>(options: VggOptions<C, K> = {}): ImageNetwork<C, K> {
  return vgg(options, columns[11], false);
}

/** VGG-11 with batch normalisation: 132,868,840 weights. */
export function vgg11Bn<C extends number = 3, K extends number = 1000>(options: VggOptions<C, K> = {}): ImageNetwork<C, K> {
  return vgg(options, columns[11], true);
}

/** VGG-13: 133,047,848 weights. */
export function vgg13<C extends number = 3, K extends number = 1000>(options: VggOptions<C, K> = {}): ImageNetwork<C, K> {
  return vgg(options, columns[13], false);
}

/** VGG-13 with batch normalisation: 133,053,736 weights. */
export function vgg13Bn<C extends number = 3, K extends number = 1000>(options: VggOptions<C, K> = {}): ImageNetwork<C, K> {
  return vgg(options, columns[13], true);
}

/** VGG-16: 138,357,544 weights. */
export function vgg16<C extends number = 3, K extends number = 1000>(options: VggOptions<C, K> = {}): ImageNetwork<C, K> {
  return vgg(options, columns[16], false);
}

/** VGG-16 with batch normalisation: 138,365,992 weights. */
export function vgg16Bn<C extends number = 3, K extends number = 1000>(options: VggOptions<C, K> = {}): ImageNetwork<C, K> {
  return vgg(options, columns[16], true);
}

/** VGG-19: 143,667,240 weights. */
export function vgg19<C extends number = 3, K extends number = 1000>(options: VggOptions<C, K> = {}): ImageNetwork<C, K> {
  return vgg(options, columns[19], false);
}

/** VGG-19 with batch normalisation: 143,678,248 weights. */
export function vgg19Bn<C extends number = 3, K extends number = 1000>(options: VggOptions<C, K> = {}): ImageNetwork<C, K> {
  return vgg(options, columns[19], true);
}

function vgg<C extends number, K extends number>(options: VggOptions<C, K>, column: Column, normalised: boolean): ImageNetwork<C, K> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.5 } = options;
  const network: ImageNetwork<number, K> = new Sequential(
    ["features", features(channels, column, normalised)],
    ["avgpool", new AdaptiveAvgPool2d(7)],
    ["flatten", new Flatten()],
    [
      "classifier",
      new Sequential(
        new Linear(25_088, 4096),
        new ReLU(),
        new Dropout(dropout),
        new Linear(4096, 4096),
        new ReLU(),
        new Dropout(dropout),
        new Linear(4096, classes),
      ),
    ],
  );
  initConvs(network);
  return initWeights(network, (layer) => {
    if (!(layer instanceof Linear)) return;
    layer.weight.init = normalInit(0, 0.01);
    layer.bias!.init = zerosInit;
  });
}

/** The layers of a column. Each takes what the one before it gives, and the last gives 512, so the type can name these alone. */
function features(channels: number, column: Column, normalised: boolean) {
  const layers: Module[] = [];
  let from = channels;
  for (const to of column) {
    if (to === "pool") layers.push(new MaxPool2d(2));
    else {
      layers.push(new Conv2d(from, to, 3, { padding: 1 }), ...(normalised ? [new BatchNorm2d(to)] : []), new ReLU());
      from = to;
    }
  }
  return new Sequential(...layers) as unknown as Network<[number, number, number], [512, number, number]>;
}
