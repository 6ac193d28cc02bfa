import type { Tensor } from "../../ir/tensor.ts";
import { adaptiveAvgPool } from "../../ops/avgPool.ts";
import { globalAvgPool, globalMaxPool } from "../../ops/globalPool.ts";
import { adaptiveMaxPool, adaptiveMaxPoolWithIndices, type WithIndices } from "../../ops/maxPool.ts";
import { reshape } from "../../ops/reshape.ts";
import { perAxis } from "../../ops/window.ts";
import { Layer } from "../layer.ts";
import { type Rank, splitImage } from "../shapes/image.ts";
import { type AdaptiveFn, channelsOf, type GlobalFn } from "../shapes/pool.ts";
import type { PartialShape, Shape } from "../shapes/shape.ts";
import type { Maxima } from "./pool.ts";

/** A size for every axis, or one for each; null keeps the input's. */
type Target = number | null | readonly (number | null)[];
/** One size for both axes, or [height, width]; null keeps the input's. */
type Target2 = number | null | readonly [height: number | null, width: number | null];
/** One size for all axes, or [depth, height, width]; null keeps the input's. */
type Target3 = number | null | readonly [depth: number | null, height: number | null, width: number | null];

/** What pools to a given size share. */
abstract class AdaptivePool<Op extends string, R extends Rank, Z> extends Layer<AdaptiveFn<Op, R, Z>> {
  readonly type: Op;
  /** Size of the output along each spatial axis; null where it is the input's. */
  readonly outputSize: readonly (number | null)[];

  constructor(type: Op, rank: R, outputSize: Target) {
    super();
    this.type = type;
    const sizes = typeof outputSize === "object" && outputSize !== null ? outputSize : new Array<number | null>(rank).fill(outputSize);
    // A size that is kept is as good as any other.
    perAxis(
      type,
      "outputSize",
      sizes.map((n) => n ?? 1),
      rank,
    );
    this.outputSize = sizes;
  }

  override outputShape(x: PartialShape): PartialShape {
    const { batch, channels, space } = splitImage(x, this.type, this.outputSize.length as Rank);
    return [batch, channels, ...this.outputSize.map((n, d) => n ?? space[d])];
  }

  /** The output size for this input. */
  protected sizeFor(x: Tensor): readonly number[] {
    return this.outputSize.map((n, d) => n ?? x.shape[d + 2]!);
  }
}

/** The mean of each of as many windows as the output has elements. */
abstract class AdaptiveAvgPool<Op extends string, R extends Rank, Z> extends AdaptivePool<Op, R, Z> {
  protected override apply(x: Tensor): Tensor {
    return adaptiveAvgPool(x, this.sizeFor(x));
  }
}

/** The largest element of each of as many windows as the output has elements. */
abstract class AdaptiveMaxPool<Op extends string, R extends Rank, Z> extends AdaptivePool<Op, R, Z> {
  /** The layer's output, and where its maxima are. PyTorch's return_indices. */
  withIndices<X extends Shape>(x: Tensor<X>): Maxima<AdaptiveFn<Op, R, Z>, X> {
    const output = this.forward(x as never);
    const { indices } = adaptiveMaxPoolWithIndices(x, this.sizeFor(x));
    return { output, indices } satisfies WithIndices as never;
  }

  protected override apply(x: Tensor): Tensor {
    return adaptiveMaxPool(x, this.sizeFor(x));
  }
}

/** Means of [n, channels, length] over windows that make [n, channels, outputSize] of it. PyTorch's AdaptiveAvgPool1d. */
export class AdaptiveAvgPool1d<const Z extends number | null> extends AdaptiveAvgPool<"AdaptiveAvgPool1d", 1, Z> {
  constructor(outputSize: Z) {
    super("AdaptiveAvgPool1d", 1, outputSize);
  }
}

/** Means of [n, channels, height, width] over windows that make [n, channels, ...outputSize] of it. PyTorch's AdaptiveAvgPool2d. */
export class AdaptiveAvgPool2d<const Z extends Target2> extends AdaptiveAvgPool<"AdaptiveAvgPool2d", 2, Z> {
  constructor(outputSize: Z) {
    super("AdaptiveAvgPool2d", 2, outputSize);
  }
}

/** Means of [n, channels, depth, height, width] over windows that make [n, channels, ...outputSize] of it. PyTorch's AdaptiveAvgPool3d. */
export class AdaptiveAvgPool3d<const Z extends Target3> extends AdaptiveAvgPool<"AdaptiveAvgPool3d", 3, Z> {
  constructor(outputSize: Z) {
    super("AdaptiveAvgPool3d", 3, outputSize);
  }
}

/** Largest elements of [n, channels, length] over windows that make [n, channels, outputSize] of it. PyTorch's AdaptiveMaxPool1d. */
export class AdaptiveMaxPool1d<const Z extends number | null> extends AdaptiveMaxPool<"AdaptiveMaxPool1d", 1, Z> {
  constructor(outputSize: Z) {
    super("AdaptiveMaxPool1d", 1, outputSize);
  }
}

/** Largest elements of [n, channels, height, width] over windows that make [n, channels, ...outputSize] of it. PyTorch's AdaptiveMaxPool2d. */
export class AdaptiveMaxPool2d<const Z extends Target2> extends AdaptiveMaxPool<"AdaptiveMaxPool2d", 2, Z> {
  constructor(outputSize: Z) {
    super("AdaptiveMaxPool2d", 2, outputSize);
  }
}

/** Largest elements of [n, channels, depth, height, width] over windows that make [n, channels, ...outputSize] of it. PyTorch's AdaptiveMaxPool3d. */
export class AdaptiveMaxPool3d<const Z extends Target3> extends AdaptiveMaxPool<"AdaptiveMaxPool3d", 3, Z> {
  constructor(outputSize: Z) {
    super("AdaptiveMaxPool3d", 3, outputSize);
  }
}

/** Mean of each channel of [n, channels, ...space]: [n, channels]. PyTorch's AdaptiveAvgPool with output size 1 and Flatten. */
export class GlobalAvgPool extends Layer<GlobalFn<"GlobalAvgPool">> {
  readonly type = "GlobalAvgPool";

  override outputShape(x: PartialShape): PartialShape {
    return channelsOf(x, this.type);
  }

  protected override apply(x: Tensor): Tensor {
    return reshape(globalAvgPool(x), x.shape.slice(0, 2));
  }
}

/** Largest element of each channel of [n, channels, ...space]: [n, channels]. PyTorch's AdaptiveMaxPool with output size 1 and Flatten. */
export class GlobalMaxPool extends Layer<GlobalFn<"GlobalMaxPool">> {
  readonly type = "GlobalMaxPool";

  override outputShape(x: PartialShape): PartialShape {
    return channelsOf(x, this.type);
  }

  protected override apply(x: Tensor): Tensor {
    return reshape(globalMaxPool(x), x.shape.slice(0, 2));
  }
}
