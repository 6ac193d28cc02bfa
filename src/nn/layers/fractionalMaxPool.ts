import { TransientState } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { assign, currentPath } from "../../ir/trace.ts";
import { fractionalMaxPool, fractionalSize } from "../../ops/fractionalMaxPool.ts";
import { increment } from "../../ops/increment.ts";
import { randomKey, uniform } from "../../ops/random.ts";
import { perAxis, type Sizes } from "../../ops/window.ts";
import { Layer } from "../layer.ts";
import { type Rank, splitImage } from "../shapes/image.ts";
import type { AdaptiveFn } from "../shapes/pool.ts";
import type { PartialShape } from "../shapes/shape.ts";
import type { Size2, Size3 } from "./conv.ts";

interface FractionalOptions<Z, Q> {
  /** Size of the output: one number for all axes, or one for each. */
  readonly outputSize?: Z;
  /** The same as a part of the input's, above 0 and below 1. Give one of the two. */
  readonly outputRatio?: Q;
}

/** The largest element of windows whose places are drawn anew in each run, in training and evaluation. */
abstract class FractionalMaxPool<Op extends string, R extends Rank, Z> extends Layer<AdaptiveFn<Op, R, Z>> {
  readonly type: Op;
  readonly kernelSize: readonly number[];
  /** How many runs have drawn: what random numbers are a function of. */
  readonly drawn: TransientState = new TransientState([], (array, stream) => void (array.data[0] = stream.bits(0) | 0), "", "i32");
  readonly #size: FractionalOptions<Sizes, Sizes>;

  constructor(type: Op, rank: R, kernelSize: Sizes, options: FractionalOptions<Sizes, Sizes>) {
    super();
    this.type = type;
    this.kernelSize = perAxis(type, "kernelSize", kernelSize, rank);
    this.#size = options;
  }

  override outputShape(x: PartialShape): PartialShape {
    const { batch, channels, space } = splitImage(x, this.type, this.kernelSize.length as Rank);
    // Sizes that are not known change only their own.
    const shape = [1, 1, ...space.map((n) => n ?? Number.MAX_SAFE_INTEGER)];
    const size = fractionalSize({ shape, dtype: "f32" }, this.#size);
    return [batch, channels, ...size.map((n, d) => (space[d] === undefined && this.#size.outputSize === undefined ? undefined : n))];
  }

  protected override apply(x: Tensor): Tensor {
    const key = randomKey(this.drawn.tensor, `${currentPath()} samples`);
    assign(this.drawn, increment(this.drawn.tensor));
    const samples = uniform([...x.shape.slice(0, 2), this.kernelSize.length], key);
    return fractionalMaxPool(x, this.kernelSize, { ...this.#size, samples });
  }
}

/** Largest element of windows of [n, channels, height, width] at distances that vary at random. PyTorch's FractionalMaxPool2d. */
export class FractionalMaxPool2d<const Z extends Size2 = number, const Q extends Size2 = number> extends FractionalMaxPool<
  "FractionalMaxPool2d",
  2,
  Z
> {
  constructor(kernelSize: Size2, options: FractionalOptions<Z, Q>) {
    super("FractionalMaxPool2d", 2, kernelSize, options);
  }
}

/** Largest element of windows of [n, channels, depth, height, width] at distances that vary at random. PyTorch's FractionalMaxPool3d. */
export class FractionalMaxPool3d<const Z extends Size3 = number, const Q extends Size3 = number> extends FractionalMaxPool<
  "FractionalMaxPool3d",
  3,
  Z
> {
  constructor(kernelSize: Size3, options: FractionalOptions<Z, Q>) {
    super("FractionalMaxPool3d", 3, kernelSize, options);
  }
}
