/**
 * Residual networks, with torchvision's names.
 *
 * He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015: table 1 for ImageNet, section 4.2 for CIFAR. Xie, Girshick,
 * Dollár, Tu, He, "Aggregated residual transformations for deep neural networks", 2017: ResNeXt. Zagoruyko, Komodakis, "Wide residual
 * networks", 2016.
 *
 * torchvision: a bottleneck that halves the image does so in its 3 x 3 convolution; the paper's does in the 1 x 1 before that, which skips
 * three pixels of four (`strideIn` chooses).
 */
import { ReLU } from "../nn/layers/activation.ts";
import { AdaptiveAvgPool2d } from "../nn/layers/adaptivePool.ts";
import { BatchNorm2d } from "../nn/layers/batchNorm.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { AvgPool2d, MaxPool2d } from "../nn/layers/pool.ts";
import { Residual } from "../nn/layers/residual.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import { initConvs } from "./initConvs.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";
import { stage } from "./stage.ts";
import { ZeroChannels } from "./zeroChannels.ts";

/** A network for images of any size. */
type ImageNetwork<C extends number, K extends number> = Network<[C, number, number], [K]>;

// ---- ImageNet -------------------------------------------------------------------------------------------------------------------------

/** How many blocks each of the four stages has. */
type Blocks = readonly [number, number, number, number];

/** ResNet-18: 11,689,512 weights. */
export function resnet18<C extends number = 3, K extends number = 1000>(options: ImageModelOptions<C, K> = {}): ImageNetwork<C, K> {
  return basicNet(options, [2, 2, 2, 2]);
}

/** ResNet-34: 21,797,672 weights. */
export function resnet34<C extends number = 3, K extends number = 1000>(options: ImageModelOptions<C, K> = {}): ImageNetwork<C, K> {
  return basicNet(options, [3, 4, 6, 3]);
}

/** Which images, in how many classes, and where bottlenecks stride. */
export interface BottleneckOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** What halves the image in the first block of a stage: "conv2", its 3 x 3, as in torchvision; "conv1", as published. Default "conv2". */
  readonly strideIn?: "conv1" | "conv2";
}

/** ResNet-50: 25,557,032 weights. */
export function resnet50<C extends number = 3, K extends number = 1000>(options: BottleneckOptions<C, K> = {}): ImageNetwork<C, K> {
  return bottleneckNet(options, [3, 4, 6, 3]);
}

/** ResNet-101: 44,549,160 weights. */
export function resnet101<C extends number = 3, K extends number = 1000>(options: BottleneckOptions<C, K> = {}): ImageNetwork<C, K> {
  return bottleneckNet(options, [3, 4, 23, 3]);
}

/** ResNet-152: 60,192,808 weights. */
export function resnet152<C extends number = 3, K extends number = 1000>(options: BottleneckOptions<C, K> = {}): ImageNetwork<C, K> {
  return bottleneckNet(options, [3, 8, 36, 3]);
}

/** ResNeXt-50, 32 groups of 4 channels: 25,028,904 weights. */
export function resnext50_32x4d<C extends number = 3, K extends number = 1000>(options: BottleneckOptions<C, K> = {}): ImageNetwork<C, K> {
  return bottleneckNet(options, [3, 4, 6, 3], { width: 32 * 4, groups: 32 });
}

/** ResNeXt-101, 32 groups of 8 channels: 88,791,336 weights. */
export function resnext101_32x8d<C extends number = 3, K extends number = 1000>(options: BottleneckOptions<C, K> = {}): ImageNetwork<C, K> {
  return bottleneckNet(options, [3, 4, 23, 3], { width: 32 * 8, groups: 32 });
}

/** ResNet-50 with 3 x 3 convolutions twice as wide: 68,883,240 weights. */
export function wideResnet50_2<C extends number = 3, K extends number = 1000>(options: BottleneckOptions<C, K> = {}): ImageNetwork<C, K> {
  return bottleneckNet(options, [3, 4, 6, 3], { width: 2 * 64, groups: 1 });
}

/** ResNet-101 with 3 x 3 convolutions twice as wide: 126,886,696 weights. */
export function wideResnet101_2<C extends number = 3, K extends number = 1000>(options: BottleneckOptions<C, K> = {}): ImageNetwork<C, K> {
  return bottleneckNet(options, [3, 4, 23, 3], { width: 2 * 64, groups: 1 });
}

function basicNet<C extends number, K extends number>(options: ImageModelOptions<C, K>, blocks: Blocks): ImageNetwork<C, K> {
  const { channels, classes } = sizesOf(options);
  const [n1, n2, n3, n4] = blocks;
  const network: ImageNetwork<number, K> = new Sequential(
    ["", stem(channels)],
    ["layer1", stage(basicBlock(64), n1, () => basicBlock(64))],
    ["layer2", stage(basicReduction(64, 128), n2, () => basicBlock(128))],
    ["layer3", stage(basicReduction(128, 256), n3, () => basicBlock(256))],
    ["layer4", stage(basicReduction(256, 512), n4, () => basicBlock(512))],
    ["avgpool", new AdaptiveAvgPool2d(1)],
    ["flatten", new Flatten()],
    ["fc", new Linear(512, classes)],
  );
  return initConvs(network);
}

/** Channels of the 3 x 3 convolutions of the first stage, doubled in each of the next; and the groups they are split into. */
interface Widths {
  readonly width: number;
  readonly groups: number;
}

function bottleneckNet<C extends number, K extends number>(
  options: BottleneckOptions<C, K>,
  blocks: Blocks,
  { width, groups }: Widths = { width: 64, groups: 1 },
): ImageNetwork<C, K> {
  const { channels, classes } = sizesOf(options);
  const { strideIn = "conv2" } = options;
  const [n1, n2, n3, n4] = blocks;
  const first = <I extends number, O extends number>(from: I, times: number, to: O, stride: number) =>
    bottleneckReduction(from, times * width, to, groups, stride, strideIn);
  const next = <O extends number>(times: number, to: O) => bottleneck(times * width, to, groups);
  const network: ImageNetwork<number, K> = new Sequential(
    ["", stem(channels)],
    ["layer1", stage(first(64, 1, 256, 1), n1, () => next(1, 256))],
    ["layer2", stage(first(256, 2, 512, 2), n2, () => next(2, 512))],
    ["layer3", stage(first(512, 4, 1024, 2), n3, () => next(4, 1024))],
    ["layer4", stage(first(1024, 8, 2048, 2), n4, () => next(8, 2048))],
    ["avgpool", new AdaptiveAvgPool2d(1)],
    ["flatten", new Flatten()],
    ["fc", new Linear(2048, classes)],
  );
  return initConvs(network);
}

/** What comes before the first stage: 64 channels of a quarter of the height and width. */
function stem<C extends number>(channels: C) {
  return new Sequential(
    ["conv1", new Conv2d(channels, 64, 7, { stride: 2, padding: 3, bias: false })],
    ["bn1", new BatchNorm2d(64)],
    ["relu", new ReLU()],
    ["maxpool", new MaxPool2d(3, { stride: 2, padding: 1 })],
  );
}

// ---- blocks ---------------------------------------------------------------------------------------------------------------------------
// The ReLU after a sum has a name of its own, the one that torchvision's feature extractor gives it.

/** Two 3 x 3 convolutions, and the identity around them. */
function basicBlock<C extends number>(channels: C) {
  return new Sequential(["", new Residual(["", basicBody(channels, channels, 1)])], ["relu_1", new ReLU()]);
}

/** A basic block that halves the image, with a projection around it. */
function basicReduction<I extends number, O extends number>(from: I, to: O) {
  return new Sequential(["", new Residual(["", basicBody(from, to, 2)], ["downsample", projection(from, to, 2)])], ["relu_1", new ReLU()]);
}

function basicBody<I extends number, O extends number, S extends number>(from: I, to: O, stride: S) {
  return new Sequential(
    ["conv1", new Conv2d(from, to, 3, { stride, padding: 1, bias: false })],
    ["bn1", new BatchNorm2d(to)],
    ["relu", new ReLU()],
    ["conv2", new Conv2d(to, to, 3, { padding: 1, bias: false })],
    ["bn2", new BatchNorm2d(to)],
  );
}

/** A 3 x 3 convolution over fewer channels, with 1 x 1 convolutions there and back and the identity around them. */
function bottleneck<O extends number>(width: number, channels: O, groups: number) {
  return new Sequential(["", new Residual(["", bottleneckBody(channels, width, channels, groups, [1, 1])])], ["relu_2", new ReLU()]);
}

/** A bottleneck that changes the channels, with a projection around it. */
function bottleneckReduction<I extends number, O extends number>(
  from: I,
  width: number,
  to: O,
  groups: number,
  stride: number,
  strideIn: "conv1" | "conv2",
) {
  const body = bottleneckBody(from, width, to, groups, strideIn === "conv1" ? [stride, 1] : [1, stride]);
  return new Sequential(["", new Residual(["", body], ["downsample", projection(from, to, stride)])], ["relu_2", new ReLU()]);
}

function bottleneckBody<I extends number, O extends number>(
  from: I,
  width: number,
  to: O,
  groups: number,
  [stride1, stride2]: readonly [number, number],
) {
  return new Sequential(
    ["conv1", new Conv2d(from, width, 1, { stride: stride1, bias: false })],
    ["bn1", new BatchNorm2d(width)],
    ["relu", new ReLU()],
    ["conv2", new Conv2d(width, width, 3, { stride: stride2, padding: 1, groups, bias: false })],
    ["bn2", new BatchNorm2d(width)],
    ["relu_1", new ReLU()],
    ["conv3", new Conv2d(width, to, 1, { bias: false })],
    ["bn3", new BatchNorm2d(to)],
  );
}

/** The way around a block that changes the shape ("option B"). */
function projection<I extends number, O extends number, S extends number>(from: I, to: O, stride: S) {
  return new Sequential(new Conv2d(from, to, 1, { stride, bias: false }), new BatchNorm2d(to));
}

// ---- CIFAR ----------------------------------------------------------------------------------------------------------------------------

/** Which images, in how many classes, how wide, and what is around blocks that change the shape. */
export interface CifarResNetOptions<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Channels of the first stage; the next have twice and four times as many. Default 16. */
  readonly width?: number;
  /**
   * "identity": every second pixel, and zeros as the new channels, which needs no weights ("option A", as published). "projection": a 1 x 1
   * convolution ("option B"). Default "identity".
   */
  readonly shortcut?: "identity" | "projection";
}

/** ResNet-20 for CIFAR: 269,722 weights. */
export function resnet20<C extends number = 3, K extends number = 10>(options: CifarResNetOptions<C, K> = {}): ImageNetwork<C, K> {
  return cifarNet(options, 3);
}

/** ResNet-32 for CIFAR: 464,154 weights. */
export function resnet32<C extends number = 3, K extends number = 10>(options: CifarResNetOptions<C, K> = {}): ImageNetwork<C, K> {
  return cifarNet(options, 5);
}

/** ResNet-44 for CIFAR: 658,586 weights. */
export function resnet44<C extends number = 3, K extends number = 10>(options: CifarResNetOptions<C, K> = {}): ImageNetwork<C, K> {
  return cifarNet(options, 7);
}

/** ResNet-56 for CIFAR: 853,018 weights. */
export function resnet56<C extends number = 3, K extends number = 10>(options: CifarResNetOptions<C, K> = {}): ImageNetwork<C, K> {
  return cifarNet(options, 9);
}

/** ResNet-110 for CIFAR: 1,727,962 weights. */
export function resnet110<C extends number = 3, K extends number = 10>(options: CifarResNetOptions<C, K> = {}): ImageNetwork<C, K> {
  return cifarNet(options, 18);
}

/** 6n + 2 layers: three stages of n blocks, of widths w, 2w and 4w. */
function cifarNet<C extends number, K extends number>(options: CifarResNetOptions<C, K>, n: number): ImageNetwork<C, K> {
  const { channels, classes } = sizesOf(options, 10);
  const { width: w = 16, shortcut = "identity" } = options;
  const reduction = (from: number, to: number) => (shortcut === "identity" ? paddedReduction(from, to) : basicReduction(from, to));
  const network: ImageNetwork<number, K> = new Sequential(
    ["conv1", new Conv2d(channels, w, 3, { padding: 1, bias: false })],
    ["bn1", new BatchNorm2d(w)],
    ["relu", new ReLU()],
    ["layer1", stage(basicBlock(w), n, () => basicBlock(w))],
    ["layer2", stage(reduction(w, 2 * w), n, () => basicBlock(2 * w))],
    ["layer3", stage(reduction(2 * w, 4 * w), n, () => basicBlock(4 * w))],
    ["avgpool", new AdaptiveAvgPool2d(1)],
    ["flatten", new Flatten()],
    ["fc", new Linear(4 * w, classes)],
  );
  return initConvs(network);
}

/** A basic block that halves the image, around which goes what there is of an identity. */
function paddedReduction(from: number, to: number) {
  const identity = new Sequential(new AvgPool2d(1, { stride: 2 }), new ZeroChannels(from, to));
  return new Sequential(["", new Residual(["", basicBody(from, to, 2)], ["downsample", identity])], ["relu_1", new ReLU()]);
}
