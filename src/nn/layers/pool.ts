import type { Tensor } from "../../ir/tensor.ts";
import { type AvgPoolOptions as AvgOptions, avgPool } from "../../ops/avgPool.ts";
import { lpPool } from "../../ops/lpPool.ts";
import { maxPool, maxPoolWithIndices, type WithIndices } from "../../ops/maxPool.ts";
import { perAxis, perSide, type Sizes } from "../../ops/window.ts";
import { Layer } from "../layer.ts";
import { type Rank, splitImage } from "../shapes/image.ts";
import { type PoolFn, type PoolWindow, pooledShape } from "../shapes/pool.ts";
import type { Apply, PartialShape, Shape, ShapeFn } from "../shapes/shape.ts";
import type { Size2, Size3 } from "./conv.ts";

/** Maxima and where they are, flat in the unpadded plane of their channel: what MaxUnpool takes. */
export interface Maxima<F extends ShapeFn, X extends Shape> {
  readonly output: Tensor<ShapeOf<F, X>>;
  readonly indices: Tensor<ShapeOf<F, X>>;
}
type ShapeOf<F extends ShapeFn, X extends Shape> = Apply<F, X> extends infer Y extends Shape ? Y : Shape;

interface StrideOptions<S, C> {
  /** How far the window moves. Default: its size. */
  readonly stride?: S;
  /** Whether a last window that reaches beyond the end counts too. Default false. */
  readonly ceilMode?: C;
}
interface PoolOptions<S, P, C> extends StrideOptions<S, C> {
  /** Elements on both sides that are not the input's: never the largest of a window, zeros in a mean. Default 0, at most half the kernel. */
  readonly padding?: P;
}
interface MaxPoolOptions<S, P, D, C> extends PoolOptions<S, P, C> {
  /** Distance between the elements that one window reads. Default 1. */
  readonly dilation?: D;
}
interface AvgPoolOptions<S, P, C> extends PoolOptions<S, P, C> {
  /** Whether the padding counts as elements that are zero. Default true. */
  readonly countIncludePad?: boolean;
  /** What each window's sum is divided by, in place of the number of its elements. */
  readonly divisorOverride?: number;
}

/** What pools of every kind and rank share. */
abstract class Pool<Op extends string, R extends Rank, K, S, P, D, C> extends Layer<PoolFn<Op, R, K, S, P, D, C>> {
  readonly type: Op;
  /** Kernel, stride, padding and dilation along each spatial axis, and whether windows are counted in ceil mode. */
  readonly window: PoolWindow;

  constructor(type: Op, rank: R, kernelSize: Sizes, options: MaxPoolOptions<Sizes, Sizes, Sizes, boolean>) {
    super();
    this.type = type;
    this.window = {
      kernel: perAxis(type, "kernelSize", kernelSize, rank),
      stride: perAxis(type, "stride", options.stride ?? kernelSize, rank),
      padding: perSide(type, options.padding ?? 0, rank),
      dilation: perAxis(type, "dilation", options.dilation ?? 1, rank),
      ceilMode: options.ceilMode ?? false,
    };
  }

  override outputShape(x: PartialShape): PartialShape {
    return pooledShape(splitImage(x, this.type, this.window.kernel.length as Rank), this.type, this.window);
  }
}

/** The largest element of each window. */
abstract class MaxPool<Op extends string, R extends Rank, K, S, P, D, C> extends Pool<Op, R, K, S, P, D, C> {
  /** The layer's output, and where its maxima are. PyTorch's return_indices. */
  withIndices<X extends Shape>(x: Tensor<X>): Maxima<PoolFn<Op, R, K, S, P, D, C>, X> {
    const output = this.forward(x as never);
    const { indices } = maxPoolWithIndices(x, this.window.kernel, this.window);
    return { output, indices } satisfies WithIndices as never;
  }

  protected override apply(x: Tensor): Tensor {
    return maxPool(x, this.window.kernel, this.window);
  }
}

/** The mean of each window. */
abstract class AvgPool<Op extends string, R extends Rank, K, S, P, C> extends Pool<Op, R, K, S, P, 1, C> {
  readonly #options: AvgOptions;

  constructor(type: Op, rank: R, kernelSize: Sizes, options: AvgPoolOptions<Sizes, Sizes, boolean>) {
    super(type, rank, kernelSize, options);
    const { countIncludePad = true, divisorOverride } = options;
    this.#options = divisorOverride === undefined ? { countIncludePad } : { countIncludePad, divisorOverride };
  }

  protected override apply(x: Tensor): Tensor {
    return avgPool(x, this.window.kernel, { ...this.window, ...this.#options });
  }
}

/** The p-norm of each window. */
abstract class LPPool<Op extends string, R extends Rank, K, S, C> extends Pool<Op, R, K, S, 0, 1, C> {
  /** p: 1 for sums, 2 for Euclidean lengths. */
  readonly normType: number;

  constructor(type: Op, rank: R, normType: number, kernelSize: Sizes, options: StrideOptions<Sizes, boolean>) {
    super(type, rank, kernelSize, options);
    this.normType = normType;
  }

  protected override apply(x: Tensor): Tensor {
    const { kernel, stride, ceilMode } = this.window;
    return lpPool(x, this.normType, kernel, { stride, ceilMode });
  }
}

/** Largest element of each window of [n, channels, length]. PyTorch's MaxPool1d. */
export class MaxPool1d<
  const K extends number,
  const S extends number = K,
  const P extends number = 0,
  const D extends number = 1,
  const C extends boolean = false,
> extends MaxPool<"MaxPool1d", 1, K, S, P, D, C> {
  constructor(kernelSize: K, options: MaxPoolOptions<S, P, D, C> = {}) {
    super("MaxPool1d", 1, kernelSize, options);
  }
}

/** Largest element of each window of [n, channels, height, width]. PyTorch's MaxPool2d. */
export class MaxPool2d<
  const K extends Size2,
  const S extends Size2 = K,
  const P extends Size2 = 0,
  const D extends Size2 = 1,
  const C extends boolean = false,
> extends MaxPool<"MaxPool2d", 2, K, S, P, D, C> {
  constructor(kernelSize: K, options: MaxPoolOptions<S, P, D, C> = {}) {
    super("MaxPool2d", 2, kernelSize, options);
  }
}

/** Largest element of each window of [n, channels, depth, height, width]. PyTorch's MaxPool3d. */
export class MaxPool3d<
  const K extends Size3,
  const S extends Size3 = K,
  const P extends Size3 = 0,
  const D extends Size3 = 1,
  const C extends boolean = false,
> extends MaxPool<"MaxPool3d", 3, K, S, P, D, C> {
  constructor(kernelSize: K, options: MaxPoolOptions<S, P, D, C> = {}) {
    super("MaxPool3d", 3, kernelSize, options);
  }
}

/** Mean of each window of [n, channels, length]. PyTorch's AvgPool1d. */
export class AvgPool1d<
  const K extends number,
  const S extends number = K,
  const P extends number = 0,
  const C extends boolean = false,
> extends AvgPool<"AvgPool1d", 1, K, S, P, C> {
  constructor(kernelSize: K, options: AvgPoolOptions<S, P, C> = {}) {
    super("AvgPool1d", 1, kernelSize, options);
  }
}

/** Mean of each window of [n, channels, height, width]. PyTorch's AvgPool2d. */
export class AvgPool2d<
  const K extends Size2,
  const S extends Size2 = K,
  const P extends Size2 = 0,
  const C extends boolean = false,
> extends AvgPool<"AvgPool2d", 2, K, S, P, C> {
  constructor(kernelSize: K, options: AvgPoolOptions<S, P, C> = {}) {
    super("AvgPool2d", 2, kernelSize, options);
  }
}

/** Mean of each window of [n, channels, depth, height, width]. PyTorch's AvgPool3d. */
export class AvgPool3d<
  const K extends Size3,
  const S extends Size3 = K,
  const P extends Size3 = 0,
  const C extends boolean = false,
> extends AvgPool<"AvgPool3d", 3, K, S, P, C> {
  constructor(kernelSize: K, options: AvgPoolOptions<S, P, C> = {}) {
    super("AvgPool3d", 3, kernelSize, options);
  }
}

/** (sum of x^p)^(1 / p) of each window of [n, channels, length], p = normType. PyTorch's LPPool1d. */
export class LPPool1d<const K extends number, const S extends number = K, const C extends boolean = false> extends LPPool<
  "LPPool1d",
  1,
  K,
  S,
  C
> {
  constructor(normType: number, kernelSize: K, options: StrideOptions<S, C> = {}) {
    super("LPPool1d", 1, normType, kernelSize, options);
  }
}

/** (sum of x^p)^(1 / p) of each window of [n, channels, height, width], p = normType. PyTorch's LPPool2d. */
export class LPPool2d<const K extends Size2, const S extends Size2 = K, const C extends boolean = false> extends LPPool<
  "LPPool2d",
  2,
  K,
  S,
  C
> {
  constructor(normType: number, kernelSize: K, options: StrideOptions<S, C> = {}) {
    super("LPPool2d", 2, normType, kernelSize, options);
  }
}

/** (sum of x^p)^(1 / p) of each window of [n, channels, depth, height, width], p = normType. PyTorch's LPPool3d. */
export class LPPool3d<const K extends Size3, const S extends Size3 = K, const C extends boolean = false> extends LPPool<
  "LPPool3d",
  3,
  K,
  S,
  C
> {
  constructor(normType: number, kernelSize: K, options: StrideOptions<S, C> = {}) {
    super("LPPool3d", 3, normType, kernelSize, options);
  }
}
