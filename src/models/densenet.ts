/**
 * DenseNet: every layer of a block sees what all layers before it gave.
 *
 * Huang, Liu, van der Maaten, Weinberger, "Densely connected convolutional networks", 2017: table 1, with torchvision's names. 161 is wider
 * (48 channels a layer), from the authors' repository.
 */
import { zerosInit } from "../ir/state.ts";
import { initWeights } from "../nn/initWeights.ts";
import type { Layer } from "../nn/layer.ts";
import { Identity, ReLU } from "../nn/layers/activation.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptivePool.ts";
import { BatchNorm2d } from "../nn/layers/batchNorm.ts";
import { Concat } from "../nn/layers/concat.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { AvgPool2d, MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import type { Add, Mul } from "../nn/shapes/arith.ts";
import type { Image, ImageOf } from "../nn/shapes/image.ts";
import type { Under } from "../nn/shapes/message.ts";
import type { ShapeFn } from "../nn/shapes/shape.ts";
import { initConvs } from "./initConvs.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

/** Which images, in how many classes, and how much is dropped. */
export interface DenseNetOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Probability with which what a layer adds is dropped. Default 0. */
  readonly dropout?: number;
}

/** A network for images of at least 29 x 29. */
type ImageNetwork<C extends number, K extends number> = Network<[C, number, number], [K]>;

/** DenseNet-121: 7,978,856 weights. */
export function densenet121<C extends number = 3, K extends number = 1000>(options: DenseNetOptions<C, K> = {}): ImageNetwork<C, K> {
  const { channels, classes } = sizesOf(options);
  const block = blocksOf(32, options.dropout);
  const network: ImageNetwork<number, K> = new Sequential(
    [
      "features",
      new Sequential(
        ["", stem(channels, 64)],
        ["denseblock1", block(64, 6)],
        ["transition1", transition(256, 128)],
        ["denseblock2", block(128, 12)],
        ["transition2", transition(512, 256)],
        ["denseblock3", block(256, 24)],
        ["transition3", transition(1024, 512)],
        ["denseblock4", block(512, 16)],
        ["norm5", new BatchNorm2d(1024)],
      ),
    ],
    ["", head(1024, classes)],
  );
  return startValues(network);
}

/** DenseNet-161: 28,681,000 weights. */
export function densenet161<C extends number = 3, K extends number = 1000>(options: DenseNetOptions<C, K> = {}): ImageNetwork<C, K> {
  const { channels, classes } = sizesOf(options);
  const block = blocksOf(48, options.dropout);
  const network: ImageNetwork<number, K> = new Sequential(
    [
      "features",
      new Sequential(
        ["", stem(channels, 96)],
        ["denseblock1", block(96, 6)],
        ["transition1", transition(384, 192)],
        ["denseblock2", block(192, 12)],
        ["transition2", transition(768, 384)],
        ["denseblock3", block(384, 36)],
        ["transition3", transition(2112, 1056)],
        ["denseblock4", block(1056, 24)],
        ["norm5", new BatchNorm2d(2208)],
      ),
    ],
    ["", head(2208, classes)],
  );
  return startValues(network);
}

/** DenseNet-169: 14,149,480 weights. */
export function densenet169<C extends number = 3, K extends number = 1000>(options: DenseNetOptions<C, K> = {}): ImageNetwork<C, K> {
  const { channels, classes } = sizesOf(options);
  const block = blocksOf(32, options.dropout);
  const network: ImageNetwork<number, K> = new Sequential(
    [
      "features",
      new Sequential(
        ["", stem(channels, 64)],
        ["denseblock1", block(64, 6)],
        ["transition1", transition(256, 128)],
        ["denseblock2", block(128, 12)],
        ["transition2", transition(512, 256)],
        ["denseblock3", block(256, 32)],
        ["transition3", transition(1280, 640)],
        ["denseblock4", block(640, 32)],
        ["norm5", new BatchNorm2d(1664)],
      ),
    ],
    ["", head(1664, classes)],
  );
  return startValues(network);
}

/** DenseNet-201: 20,013,928 weights. */
export function densenet201<C extends number = 3, K extends number = 1000>(options: DenseNetOptions<C, K> = {}): ImageNetwork<C, K> {
  const { channels, classes } = sizesOf(options);
  const block = blocksOf(32, options.dropout);
  const network: ImageNetwork<number, K> = new Sequential(
    [
      "features",
      new Sequential(
        ["", stem(channels, 64)],
        ["denseblock1", block(64, 6)],
        ["transition1", transition(256, 128)],
        ["denseblock2", block(128, 12)],
        ["transition2", transition(512, 256)],
        ["denseblock3", block(256, 48)],
        ["transition3", transition(1792, 896)],
        ["denseblock4", block(896, 32)],
        ["norm5", new BatchNorm2d(1920)],
      ),
    ],
    ["", head(1920, classes)],
  );
  return startValues(network);
}

/** What comes before the first block: an image of a quarter of the height and width. */
function stem<O extends number>(channels: number, to: O) {
  return new Sequential(
    ["conv0", new Conv2d(channels, to, 7, { stride: 2, padding: 3, bias: false })],
    ["norm0", new BatchNorm2d(to)],
    ["relu0", new ReLU()],
    ["pool0", new MaxPool2d(3, { stride: 2, padding: 1 })],
  );
}

/** O channels in place of I. */
interface DenseBlockFn<I, O> extends ShapeFn {
  readonly out: Grown<Image<this["in"], "BatchNorm2d", 2, I>, O>;
}
type Grown<T, O> = T extends [infer N, unknown, infer Space] ? ImageOf<N, O, Space> : Under<"denselayer1.norm1", T>;

/** Makes blocks of layers that each add `growth` channels. */
function blocksOf<G extends number>(growth: G, dropout = 0) {
  // The type sums up the layers, each of which takes what its predecessors give, by construction.
  return <I extends number, L extends number>(channels: I, layers: L) =>
    new Sequential(
      ...Array.from({ length: layers }, (_, i) => [`denselayer${i + 1}`, denseLayer(channels + i * growth, growth, dropout)] as const),
    ) as unknown as Layer<DenseBlockFn<I, Add<I, Mul<L, G>>>>;
}

/** The input, and what a bottleneck adds to it: four times `growth` channels wide. */
function denseLayer<I extends number, G extends number>(channels: I, growth: G, dropout: number) {
  return new Concat(
    ["identity", new Identity()],
    [
      "",
      new Sequential(
        ["norm1", new BatchNorm2d(channels)],
        ["relu1", new ReLU()],
        ["conv1", new Conv2d(channels, 4 * growth, 1, { bias: false })],
        ["norm2", new BatchNorm2d(4 * growth)],
        ["relu2", new ReLU()],
        ["conv2", new Conv2d(4 * growth, growth, 3, { padding: 1, bias: false })],
        ["dropout", dropout > 0 ? new Dropout(dropout) : new Identity()],
      ),
    ],
  );
}

/** Halves the image, and the channels. */
function transition<I extends number, O extends number>(from: I, to: O) {
  return new Sequential(
    ["norm", new BatchNorm2d(from)],
    ["relu", new ReLU()],
    ["conv", new Conv2d(from, to, 1, { bias: false })],
    ["pool", new AvgPool2d(2)],
  );
}

function head<I extends number, K extends number>(channels: I, classes: K) {
  return new Sequential(
    ["relu", new ReLU()],
    ["avgpool", new AdaptiveAvgPool2d(1)],
    ["flatten", new Flatten()],
    ["classifier", new Linear(channels, classes)],
  );
}

/** torchvision's: by fan in, unlike ResNet's, and no bias. */
function startValues<N extends Network<[number, number, number], [number]>>(network: N): N {
  return initWeights(initConvs(network, "fanIn"), (layer) => {
    if (layer instanceof Linear) layer.bias!.init = zerosInit;
  });
}
