import { ReLU } from "../nn/layers/activation.ts";
import { AdaptiveAvgPool2d, GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import { Concat } from "../nn/layers/concat.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import { auxiliaryHead } from "./auxiliaryHead.ts";
import { basicConv } from "./basicConv.ts";
import { inceptionWeights } from "./inceptionWeights.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

export interface GoogLeNetOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Whether there are two more classifiers in the middle, which only training uses. Default true. */
  readonly auxiliary?: boolean;
  /** Probability with which features are dropped before the classifier. Default 0.2. */
  readonly dropout?: number;
  /** The same for the auxiliary classifiers. Default 0.7. */
  readonly auxiliaryDropout?: number;
}

/**
 * GoogLeNet: windows of several sizes side by side, behind 1 x 1 convolutions that keep them cheap. 6,624,904 weights, and 6,379,984
 * more in the auxiliary classifiers.
 *
 * Szegedy et al., "Going deeper with convolutions", 2015. torchvision's differs from the paper: batch normalisation after every
 * convolution, no local response normalisation, 3 x 3 windows where the paper has 5 x 5 (a mistake, kept for its weights' sake), and a
 * 2 x 2 window in the last pool.
 */
export function googlenet<C extends number = 3, K extends number = 1000>(
  options: GoogLeNetOptions<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { auxiliary = true, dropout = 0.2, auxiliaryDropout = 0.7 } = options;
  const network: Network<[number, number, number], [K]> = new Sequential(
    ["conv1", basicConv(channels, 64, 7, { stride: 2, padding: 3 })],
    ["maxpool1", new MaxPool2d(3, { stride: 2, ceilMode: true })],
    ["conv2", basicConv(64, 64, 1)],
    ["conv3", basicConv(64, 192, 3, { padding: 1 })],
    ["maxpool2", new MaxPool2d(3, { stride: 2, ceilMode: true })],
    ["inception3a", inception(192, 64, [96, 128], [16, 32], 32)],
    ["inception3b", inception(256, 128, [128, 192], [32, 96], 64)],
    ["maxpool3", new MaxPool2d(3, { stride: 2, ceilMode: true })],
    ["inception4a", inception(480, 192, [96, 208], [16, 48], 64)],
    ["", auxiliaryHead(auxiliary, 0.3, () => ["aux1", head(512, classes, auxiliaryDropout)])],
    ["inception4b", inception(512, 160, [112, 224], [24, 64], 64)],
    ["inception4c", inception(512, 128, [128, 256], [24, 64], 64)],
    ["inception4d", inception(512, 112, [144, 288], [32, 64], 64)],
    ["", auxiliaryHead(auxiliary, 0.3, () => ["aux2", head(528, classes, auxiliaryDropout)])],
    ["inception4e", inception(528, 256, [160, 320], [32, 128], 128)],
    ["maxpool4", new MaxPool2d(2, { stride: 2, ceilMode: true })],
    ["inception5a", inception(832, 256, [160, 320], [32, 128], 128)],
    ["inception5b", inception(832, 384, [192, 384], [48, 128], 128)],
    ["avgpool", new GlobalAvgPool()],
    ["dropout", new Dropout(dropout)],
    ["fc", new Linear(1024, classes)],
  );
  return inceptionWeights(network, () => 0.01);
}

/**
 * Four branches over the same input: a 1 x 1 convolution, two of 3 x 3 behind a 1 x 1 that leaves fewer channels, and a pool. Arguments
 * are a row of the paper's table 1: channels in, #1x1, [#3x3 reduce, #3x3], [#5x5 reduce, #5x5], pool proj.
 */
function inception<
  I extends number,
  A extends number,
  B extends number,
  C extends number,
  D extends number,
  E extends number,
  F extends number,
>(from: I, one: A, [reduced3, three]: readonly [B, C], [reduced5, five]: readonly [D, E], pooled: F) {
  return new Concat(
    ["branch1", basicConv(from, one, 1)],
    ["branch2", new Sequential(basicConv(from, reduced3, 1), basicConv(reduced3, three, 3, { padding: 1 }))],
    ["branch3", new Sequential(basicConv(from, reduced5, 1), basicConv(reduced5, five, 3, { padding: 1 }))],
    ["branch4", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }), basicConv(from, pooled, 1))],
  );
}

/** A classifier over 4 x 4 means. */
function head<I extends number, K extends number>(from: I, classes: K, dropout: number) {
  return new Sequential(
    ["pool", new AdaptiveAvgPool2d(4)],
    ["conv", basicConv(from, 128, 1)],
    ["flatten", new Flatten()],
    ["fc1", new Linear(2048, 1024)],
    ["relu", new ReLU()],
    ["dropout", new Dropout(dropout)],
    ["fc2", new Linear(1024, classes)],
  );
}
