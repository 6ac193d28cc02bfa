import { OpError } from "../../ir/op.ts";
import { type Init, TransientState } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { assign, currentMode, currentPath, latest } from "../../ir/trace.ts";
import { alphaDropout, channelAlphaDropout, channelDropout, dropout } from "../../ops/dropout.ts";
import { increment } from "../../ops/increment.ts";
import { randomKey } from "../../ops/random.ts";
import { Layer } from "../layer.ts";
import type { Rank } from "../shapes/image.ts";
import type { PartialShape, Same, ShapeFn } from "../shapes/shape.ts";
import { type ImageNormFn, keptImage } from "./batchNorm.ts";

/** Any of the 2^32 numbers that a count may start at. */
const drawnInit: Init = (array, stream) => {
  array.data[0] = stream.bits(0) | 0;
};

/**
 * What random layers share. `random` is counted up in every run that trains, and with the layer's path it decides what is drawn:
 * equal seeds give equal numbers for any number of threads, and every run and every layer has numbers of its own.
 */
export abstract class RandomLayer<F extends ShapeFn> extends Layer<F> {
  /** Starts where `initialize` says; it is in no state dict. */
  readonly random: TransientState = new TransientState([], drawnInit, "", "i32");

  /** A key for this use of the layer in this run. */
  protected key(): Tensor {
    const count = latest(this.random);
    assign(this.random, increment(count));
    return randomKey(count, currentPath());
  }
}

abstract class AnyDropout<F extends ShapeFn> extends RandomLayer<F> {
  /** Probability of each element, or channel, to be dropped. */
  readonly p: number;

  constructor(type: string, p: number) {
    super();
    if (!(p >= 0 && p <= 1)) throw new OpError(type, `p must be in [0, 1], got ${p}`);
    this.p = p;
  }

  protected override apply(x: Tensor): Tensor {
    return currentMode() === "train" && this.p > 0 ? this.drop(x, this.key()) : x;
  }

  protected abstract drop(x: Tensor, key: Tensor): Tensor;
}

/** Sets random elements to zero where we train, and scales the others by 1 / (1 - p). PyTorch's Dropout. */
export class Dropout extends AnyDropout<Same> {
  readonly type = "Dropout";

  constructor(p = 0.5) {
    super("Dropout", p);
  }

  override outputShape(x: PartialShape): PartialShape {
    return x;
  }

  protected override drop(x: Tensor, key: Tensor): Tensor {
    return dropout(x, this.p, key);
  }
}

/** Keeps mean and variance of what comes from a SELU: random elements go to its least value. PyTorch's AlphaDropout. */
export class AlphaDropout extends AnyDropout<Same> {
  readonly type = "AlphaDropout";

  constructor(p = 0.5) {
    super("AlphaDropout", p);
  }

  override outputShape(x: PartialShape): PartialShape {
    return x;
  }

  protected override drop(x: Tensor, key: Tensor): Tensor {
    return alphaDropout(x, this.p, key);
  }
}

/** AlphaDropout of whole channels of [n, channels, ...]. PyTorch's FeatureAlphaDropout. */
export class FeatureAlphaDropout extends AnyDropout<Same> {
  readonly type = "FeatureAlphaDropout";

  constructor(p = 0.5) {
    super("FeatureAlphaDropout", p);
  }

  override outputShape(x: PartialShape): PartialShape {
    return x;
  }

  protected override drop(x: Tensor, key: Tensor): Tensor {
    return channelAlphaDropout(x, this.p, key);
  }
}

/** Dropout of whole channels of images. */
abstract class ChannelDropout<Op extends string, R extends Rank> extends AnyDropout<ImageNormFn<Op, R, number>> {
  readonly type: Op;
  readonly #rank: R;

  constructor(type: Op, rank: R, p: number) {
    super(type, p);
    this.type = type;
    this.#rank = rank;
  }

  override outputShape(x: PartialShape): PartialShape {
    return keptImage(x, this.type, this.#rank);
  }

  protected override drop(x: Tensor, key: Tensor): Tensor {
    return channelDropout(x, this.p, key);
  }
}

/** Dropout of whole channels of [n, channels, length]. PyTorch's Dropout1d. */
export class Dropout1d extends ChannelDropout<"Dropout1d", 1> {
  constructor(p = 0.5) {
    super("Dropout1d", 1, p);
  }
}

/** Dropout of whole channels of [n, channels, height, width]. PyTorch's Dropout2d. */
export class Dropout2d extends ChannelDropout<"Dropout2d", 2> {
  constructor(p = 0.5) {
    super("Dropout2d", 2, p);
  }
}

/** Dropout of whole channels of [n, channels, depth, height, width]. PyTorch's Dropout3d. */
export class Dropout3d extends ChannelDropout<"Dropout3d", 3> {
  constructor(p = 0.5) {
    super("Dropout3d", 3, p);
  }
}
