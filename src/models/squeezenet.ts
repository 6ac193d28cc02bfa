import { zerosInit } from "../ir/state.ts";
import { kaimingUniformInit, normalInit } from "../nn/init.ts";
import { initWeights } from "../nn/initWeights.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import { Concat } from "../nn/layers/concat.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Module } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

export interface SqueezeNetOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Probability with which features are dropped before the classifier. Default 0.5. */
  readonly dropout?: number;
}

/**
 * SqueezeNet 1.0: AlexNet's accuracy in 1,248,424 weights, by 1 x 1 convolutions before and beside the 3 x 3 ones.
 *
 * Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", 2016.
 */
export function squeezenet1_0<C extends number = 3, K extends number = 1000>(
  options: SqueezeNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.5 } = options;
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "features",
      new Sequential(
        new Conv2d(channels, 96, 7, { stride: 2 }),
        new ReLU(),
        new MaxPool2d(3, { stride: 2, ceilMode: true }),
        fire(96, 16, 64, 64),
        fire(128, 16, 64, 64),
        fire(128, 32, 128, 128),
        new MaxPool2d(3, { stride: 2, ceilMode: true }),
        fire(256, 32, 128, 128),
        fire(256, 48, 192, 192),
        fire(384, 48, 192, 192),
        fire(384, 64, 256, 256),
        new MaxPool2d(3, { stride: 2, ceilMode: true }),
        fire(512, 64, 256, 256),
      ),
    ],
    ["classifier", classifier(classes, dropout)],
  );
  return startValues(network);
}

/** SqueezeNet 1.1: 1.0 with smaller and earlier pools, for less than half the work. 1,235,496 weights. From the authors' repository. */
export function squeezenet1_1<C extends number = 3, K extends number = 1000>(
  options: SqueezeNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { dropout = 0.5 } = options;
  const network: Network<[number, number, number], [K]> = new Sequential(
    [
      "features",
      new Sequential(
        new Conv2d(channels, 64, 3, { stride: 2 }),
        new ReLU(),
        new MaxPool2d(3, { stride: 2, ceilMode: true }),
        fire(64, 16, 64, 64),
        fire(128, 16, 64, 64),
        new MaxPool2d(3, { stride: 2, ceilMode: true }),
        fire(128, 32, 128, 128),
        fire(256, 32, 128, 128),
        new MaxPool2d(3, { stride: 2, ceilMode: true }),
        fire(256, 48, 192, 192),
        fire(384, 48, 192, 192),
        fire(384, 64, 256, 256),
        fire(512, 64, 256, 256),
      ),
    ],
    ["classifier", classifier(classes, dropout)],
  );
  return startValues(network);
}

/** A layer that squeezes the channels into few, and one that expands them by windows of two sizes. Arguments: a row of the table. */
function fire<I extends number, S extends number, A extends number, B extends number>(from: I, squeezed: S, one: A, three: B) {
  return new Sequential(
    ["squeeze", new Conv2d(from, squeezed, 1)],
    ["squeeze_activation", new ReLU()],
    ["", new Concat(["expand1x1", new Conv2d(squeezed, one, 1)], ["expand3x3", new Conv2d(squeezed, three, 3, { padding: 1 })])],
    ["expand_activation", new ReLU()],
  );
}

/** Scores of every place, and their means: there are no dense layers. */
function classifier<K extends number>(classes: K, dropout: number) {
  return new Sequential(new Dropout(dropout), new Conv2d(512, classes, 1), new ReLU(), new GlobalAvgPool());
}

/** torchvision's start values. */
const startValues = <M extends Module>(network: M): M =>
  initWeights(network, (layer, path) => {
    if (!(layer instanceof Conv2d)) return;
    layer.weight.init = path === "classifier.1" ? normalInit(0, 0.01) : kaimingUniformInit();
    if (layer.bias) layer.bias.init = zerosInit;
  });
