import { GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import { Concat } from "../nn/layers/concat.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Linear } from "../nn/layers/linear.ts";
import { AvgPool2d, MaxPool2d } from "../nn/layers/pool.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import { auxiliaryHead } from "./auxiliaryHead.ts";
import { basicConv } from "./basicConv.ts";
import { inceptionWeights } from "./inceptionWeights.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";

export interface InceptionV3Options<C extends number = number, K extends number = number> extends ImageModelOptions<C, K> {
  /** Whether there is one more classifier before the last pooling, which only training uses. Default true. */
  readonly auxiliary?: boolean;
  /** Probability with which features are dropped before the classifier. Default 0.5. */
  readonly dropout?: number;
}

/**
 * Inception v3: large windows split into small ones, and n x n ones into 1 x n and n x 1. 23,834,568 weights, and 3,326,696 more in the
 * auxiliary classifier, whose loss counts 0.4 times. Images are 299 x 299 or larger; without the auxiliary classifier, 75 x 75.
 *
 * Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception architecture for computer vision", 2016. Modules are named as
 * torchvision's, which has its weights from the authors' program: that has dropout of 0.5 and no label smoothing in the network.
 */
export function inceptionV3<C extends number = 3, K extends number = 1000>(
  options: InceptionV3Options<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels, classes } = sizesOf(options);
  const { auxiliary = true, dropout = 0.5 } = options;
  const network: Network<[number, number, number], [K]> = new Sequential(
    ["Conv2d_1a_3x3", basicConv(channels, 32, 3, { stride: 2 })],
    ["Conv2d_2a_3x3", basicConv(32, 32, 3)],
    ["Conv2d_2b_3x3", basicConv(32, 64, 3, { padding: 1 })],
    ["maxpool1", new MaxPool2d(3, { stride: 2 })],
    ["Conv2d_3b_1x1", basicConv(64, 80, 1)],
    ["Conv2d_4a_3x3", basicConv(80, 192, 3)],
    ["maxpool2", new MaxPool2d(3, { stride: 2 })],
    ["Mixed_5b", inceptionA(192, 32)],
    ["Mixed_5c", inceptionA(256, 64)],
    ["Mixed_5d", inceptionA(288, 64)],
    ["Mixed_6a", reductionB(288)],
    ["Mixed_6b", inceptionC(768, 128)],
    ["Mixed_6c", inceptionC(768, 160)],
    ["Mixed_6d", inceptionC(768, 160)],
    ["Mixed_6e", inceptionC(768, 192)],
    ["", auxiliaryHead(auxiliary, 0.4, () => ["AuxLogits", head(768, classes)])],
    ["Mixed_7a", reductionD(768)],
    ["Mixed_7b", inceptionE(1280)],
    ["Mixed_7c", inceptionE(2048)],
    ["avgpool", new GlobalAvgPool()],
    ["dropout", new Dropout(dropout)],
    ["fc", new Linear(2048, classes)],
  );
  return inceptionWeights(network, (path) => ({ "AuxLogits.conv1.conv": 0.01, "AuxLogits.fc": 0.001 })[path] ?? 0.1);
}

/** Figure 5 of the paper: a 5 x 5 window, and two of 3 x 3. */
function inceptionA<I extends number, P extends number>(from: I, pooled: P) {
  return new Concat(
    ["branch1x1", basicConv(from, 64, 1)],
    ["", new Sequential(["branch5x5_1", basicConv(from, 48, 1)], ["branch5x5_2", basicConv(48, 64, 5, { padding: 2 })])],
    [
      "",
      new Sequential(
        ["branch3x3dbl_1", basicConv(from, 64, 1)],
        ["branch3x3dbl_2", basicConv(64, 96, 3, { padding: 1 })],
        ["branch3x3dbl_3", basicConv(96, 96, 3, { padding: 1 })],
      ),
    ],
    ["", new Sequential(["pool", sameAvgPool()], ["branch_pool", basicConv(from, pooled, 1)])],
  );
}

/** Figure 10: half the size, by strides and a pool side by side. */
function reductionB<I extends number>(from: I) {
  return new Concat(
    ["branch3x3", basicConv(from, 384, 3, { stride: 2 })],
    [
      "",
      new Sequential(
        ["branch3x3dbl_1", basicConv(from, 64, 1)],
        ["branch3x3dbl_2", basicConv(64, 96, 3, { padding: 1 })],
        ["branch3x3dbl_3", basicConv(96, 96, 3, { stride: 2 })],
      ),
    ],
    ["pool", new MaxPool2d(3, { stride: 2 })],
  );
}

/** Figure 6: 7 x 7 windows, as 1 x 7 and 7 x 1. */
function inceptionC<I extends number, M extends number>(from: I, middle: M) {
  return new Concat(
    ["branch1x1", basicConv(from, 192, 1)],
    [
      "",
      new Sequential(
        ["branch7x7_1", basicConv(from, middle, 1)],
        ["branch7x7_2", basicConv(middle, middle, [1, 7], { padding: [0, 3] })],
        ["branch7x7_3", basicConv(middle, 192, [7, 1], { padding: [3, 0] })],
      ),
    ],
    [
      "",
      new Sequential(
        ["branch7x7dbl_1", basicConv(from, middle, 1)],
        ["branch7x7dbl_2", basicConv(middle, middle, [7, 1], { padding: [3, 0] })],
        ["branch7x7dbl_3", basicConv(middle, middle, [1, 7], { padding: [0, 3] })],
        ["branch7x7dbl_4", basicConv(middle, middle, [7, 1], { padding: [3, 0] })],
        ["branch7x7dbl_5", basicConv(middle, 192, [1, 7], { padding: [0, 3] })],
      ),
    ],
    ["", new Sequential(["pool", sameAvgPool()], ["branch_pool", basicConv(from, 192, 1)])],
  );
}

/** Half the size again, a 7 x 7 window in one of the branches. */
function reductionD<I extends number>(from: I) {
  return new Concat(
    ["", new Sequential(["branch3x3_1", basicConv(from, 192, 1)], ["branch3x3_2", basicConv(192, 320, 3, { stride: 2 })])],
    [
      "",
      new Sequential(
        ["branch7x7x3_1", basicConv(from, 192, 1)],
        ["branch7x7x3_2", basicConv(192, 192, [1, 7], { padding: [0, 3] })],
        ["branch7x7x3_3", basicConv(192, 192, [7, 1], { padding: [3, 0] })],
        ["branch7x7x3_4", basicConv(192, 192, 3, { stride: 2 })],
      ),
    ],
    ["pool", new MaxPool2d(3, { stride: 2 })],
  );
}

/** Figure 7: branches that part once more. */
function inceptionE<I extends number>(from: I) {
  return new Concat(
    ["branch1x1", basicConv(from, 320, 1)],
    [
      "",
      new Sequential(
        ["branch3x3_1", basicConv(from, 384, 1)],
        [
          "",
          new Concat(
            ["branch3x3_2a", basicConv(384, 384, [1, 3], { padding: [0, 1] })],
            ["branch3x3_2b", basicConv(384, 384, [3, 1], { padding: [1, 0] })],
          ),
        ],
      ),
    ],
    [
      "",
      new Sequential(
        ["branch3x3dbl_1", basicConv(from, 448, 1)],
        ["branch3x3dbl_2", basicConv(448, 384, 3, { padding: 1 })],
        [
          "",
          new Concat(
            ["branch3x3dbl_3a", basicConv(384, 384, [1, 3], { padding: [0, 1] })],
            ["branch3x3dbl_3b", basicConv(384, 384, [3, 1], { padding: [1, 0] })],
          ),
        ],
      ),
    ],
    ["", new Sequential(["pool", sameAvgPool()], ["branch_pool", basicConv(from, 192, 1)])],
  );
}

/** Means of 3 x 3, as many as there are pixels. */
const sameAvgPool = () => new AvgPool2d(3, { stride: 1, padding: 1 });

/** The auxiliary classifier. */
function head<I extends number, K extends number>(from: I, classes: K) {
  return new Sequential(
    ["pool", new AvgPool2d(5, { stride: 3 })],
    ["conv0", basicConv(from, 128, 1)],
    ["conv1", basicConv(128, 768, 5)],
    ["avgpool", new GlobalAvgPool()],
    ["fc", new Linear(768, classes)],
  );
}
