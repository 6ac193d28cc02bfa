import type { Tensor } from "../../ir/tensor.ts";
import { avgPool } from "../../ops/avgPool.ts";
import { maxPool } from "../../ops/maxPool.ts";
import { perAxis, perSide, type Sizes } from "../../ops/window.ts";
import { Layer } from "../layer.ts";
import { type Image, type Rank, splitImage } from "../shapes/image.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";
import { type Pooled, type WindowSizes, windowed } from "../shapes/window.ts";

/** As many channels as before, through windows. */
export interface PoolFn<Op extends string, R extends Rank, K, S, P, D> extends ShapeFn {
  readonly out: Pooled<Image<this["in"], Op, R, number>, Op, K, S, P, D>;
}

/** One size for both axes, or [height, width]. */
type Size2 = number | readonly [height: number, width: number];

interface PoolOptions<S, P> {
  /** How far the window moves. Default: its size. */
  readonly stride?: S;
  /** Elements on both sides that are not the input's: never the largest of a window, zeros in a mean. Default 0, at most half the kernel. */
  readonly padding?: P;
}
interface MaxPoolOptions<S, P, D> extends PoolOptions<S, P> {
  /** Distance between the elements that one window reads. Default 1. */
  readonly dilation?: D;
}

/** What pools of every kind and rank share. */
abstract class Pool<Op extends string, R extends Rank, K, S, P, D> extends Layer<PoolFn<Op, R, K, S, P, D>> {
  readonly type: Op;
  /** Kernel, stride, padding and dilation along each spatial axis. */
  readonly window: WindowSizes;

  constructor(type: Op, rank: R, kernelSize: Sizes, options: MaxPoolOptions<Sizes, Sizes, Sizes>) {
    super();
    this.type = type;
    this.window = {
      kernel: perAxis(type, "kernelSize", kernelSize, rank),
      stride: perAxis(type, "stride", options.stride ?? kernelSize, rank),
      padding: perSide(type, options.padding ?? 0, rank),
      dilation: perAxis(type, "dilation", options.dilation ?? 1, rank),
    };
  }

  override outputShape(x: PartialShape): PartialShape {
    const image = splitImage(x, this.type, this.window.kernel.length as Rank);
    return windowed(image, this.type, image.channels, this.window);
  }
}

/** The largest element of each window. */
abstract class MaxPool<Op extends string, R extends Rank, K, S, P, D> extends Pool<Op, R, K, S, P, D> {
  protected override apply(x: Tensor): Tensor {
    return maxPool(x, this.window.kernel, this.window);
  }
}

/** The mean of each window, zeros of the padding included. */
abstract class AvgPool<Op extends string, R extends Rank, K, S, P> extends Pool<Op, R, K, S, P, 1> {
  protected override apply(x: Tensor): Tensor {
    return avgPool(x, this.window.kernel, this.window);
  }
}

/** Largest element of each window of [n, channels, length]. PyTorch's MaxPool1d. */
export class MaxPool1d<
  const K extends number,
  const S extends number = K,
  const P extends number = 0,
  const D extends number = 1,
> extends MaxPool<"MaxPool1d", 1, K, S, P, D> {
  constructor(kernelSize: K, options: MaxPoolOptions<S, P, D> = {}) {
    super("MaxPool1d", 1, kernelSize, options);
  }
}

/** Largest element of each window of [n, channels, height, width]. PyTorch's MaxPool2d. */
export class MaxPool2d<
  const K extends Size2,
  const S extends Size2 = K,
  const P extends Size2 = 0,
  const D extends Size2 = 1,
> extends MaxPool<"MaxPool2d", 2, K, S, P, D> {
  constructor(kernelSize: K, options: MaxPoolOptions<S, P, D> = {}) {
    super("MaxPool2d", 2, kernelSize, options);
  }
}

/** Mean of each window of [n, channels, length]; padding counts as zeros. PyTorch's AvgPool1d. */
export class AvgPool1d<const K extends number, const S extends number = K, const P extends number = 0> extends AvgPool<
  "AvgPool1d",
  1,
  K,
  S,
  P
> {
  constructor(kernelSize: K, options: PoolOptions<S, P> = {}) {
    super("AvgPool1d", 1, kernelSize, options);
  }
}

/** Mean of each window of [n, channels, height, width]; padding counts as zeros. PyTorch's AvgPool2d. */
export class AvgPool2d<const K extends Size2, const S extends Size2 = K, const P extends Size2 = 0> extends AvgPool<
  "AvgPool2d",
  2,
  K,
  S,
  P
> {
  constructor(kernelSize: K, options: PoolOptions<S, P> = {}) {
    super("AvgPool2d", 2, kernelSize, options);
  }
}
