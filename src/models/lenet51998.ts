import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Linear } from "../nn/layers/linear.ts";
import { ZeroPad2d } from "../nn/layers/pad.ts";
import { type MapTable, PartialConv2d } from "../nn/layers/partialConv.ts";
import { RadialBasis } from "../nn/layers/radialBasis.ts";
import { Subsampling2d } from "../nn/layers/subsampling.ts";
import { Module } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { mul } from "../ops/arithmetic.ts";
import { tanh } from "../ops/elementary.ts";
import { flatten } from "../ops/reshape.ts";
import { digitCodes } from "./digitCodes.ts";

/** Which images, in how many classes; the defaults are the paper's. */
export interface LeNet51998Options<C extends number, K extends number> {
  /** Channels of the images. Default 1. */
  readonly channels?: C;
  /** Height of the images, at most 32: smaller ones get a margin of zeros. Default 32. */
  readonly height?: number;
  /** Width of the images, likewise. Default 32. */
  readonly width?: number;
  /** Classes to tell apart, at most 10: the first ones of the digits' codes. Default 10. */
  readonly classes?: K;
}

/** Extent of the images that the layers are made for. */
const FIELD = 32;

/** Table I of the paper: the maps of S2 that each map of C3 reads. */
// biome-ignore format: a table
const C3_READS: MapTable = [
  [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
  [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5], [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
];

/**
 * LeNet-5 as it was published: C3 reads some of S2's maps only, pools have weights, and the output compares the 84 units of F6 with
 * bitmaps of the digits. 60,000 weights and 340,908 connections. The outputs are scores, the largest for the nearest bitmap.
 *
 * LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998. Inputs there are about -0.1 for
 * paper and 1.175 for ink. Throws an OpError for images or classes that do not fit.
 */
export function lenet51998<C extends number = 1, K extends number = 10>(
  options: LeNet51998Options<C, K> = {},
): Network<[C, number, number], [K]> {
  const { channels = 1 as C, height = FIELD, width = FIELD, classes = 10 as K } = options;
  if (Math.max(height, width) > FIELD)
    throw new OpError("lenet51998", `images must be at most ${FIELD} x ${FIELD}, got ${height} x ${width}. Make them smaller`);
  if (classes > digitCodes.length)
    throw new OpError("lenet51998", `there are codes for ${digitCodes.length} classes, got ${classes}. Use lenet5`);
  return new LeNet51998(channels, height, width, classes) as Module as Network<[C, number, number], [K]>;
}

class LeNet51998 extends Module {
  readonly pad: ZeroPad2d<readonly [readonly [number, number], readonly [number, number]]> | undefined;
  readonly c1: Conv2d<number, 6, 5>;
  readonly s2 = new Subsampling2d(6, 2);
  readonly c3 = new PartialConv2d(6, C3_READS, 5);
  readonly s4 = new Subsampling2d(16, 2);
  readonly c5 = new Conv2d(16, 120, 5);
  readonly f6 = new Linear(120, 84);
  readonly output: RadialBasis<84, number>;

  constructor(channels: number, height: number, width: number, classes: number) {
    super();
    const margin = [sides(height), sides(width)] as const;
    this.pad = height === FIELD && width === FIELD ? undefined : new ZeroPad2d(margin);
    this.c1 = new Conv2d(channels, 6, 5);
    this.output = new RadialBasis(84, classes, digitCodes.slice(0, classes));
  }

  override forward(x: Tensor): Tensor {
    let y: Tensor = this.pad ? this.pad.forward(x as never) : x;
    for (const layer of [this.c1, this.s2, this.c3, this.s4, this.c5]) y = squash(layer.forward(y as never));
    return this.output.forward(squash(this.f6.forward(flatten(y) as never)) as never);
  }
}

/** Zeros before and after an axis. */
const sides = (extent: number): readonly [number, number] => [Math.floor((FIELD - extent) / 2), Math.ceil((FIELD - extent) / 2)];

/** 1.7159 tanh(2x / 3): about 1 at 1 and -1 at -1, where its curvature is largest. The paper's appendix A. */
const squash = (x: Tensor): Tensor => mul(tanh(mul(x, 2 / 3)), 1.7159);
