import type { Tensor } from "../../ir/tensor.ts";
import { maxUnpool } from "../../ops/maxUnpool.ts";
import { perAxis, type Sizes } from "../../ops/window.ts";
import { raised } from "../layer.ts";
import { Module } from "../module.ts";
import { type Rank, splitImage } from "../shapes/image.ts";
import type { Unpooled } from "../shapes/pool.ts";
import type { Shape } from "../shapes/shape.ts";
import type { Size2, Size3 } from "./conv.ts";

interface UnpoolOptions<S, P> {
  /** The pool's. Default: the kernel. */
  readonly stride?: S;
  /** The pool's. Default 0. */
  readonly padding?: P;
}

/** Puts maxima back to where they were, and zeros elsewhere. */
abstract class MaxUnpool<K, S, P> extends Module {
  readonly type: string;
  /** Kernel, stride and padding of the pool along each spatial axis. */
  readonly window: { readonly kernel: readonly number[]; readonly stride: readonly number[]; readonly padding: Sizes };

  constructor(type: string, rank: Rank, kernelSize: Sizes, options: UnpoolOptions<Sizes, Sizes>) {
    super();
    this.type = type;
    this.window = {
      kernel: perAxis(type, "kernelSize", kernelSize, rank),
      stride: perAxis(type, "stride", options.stride ?? kernelSize, rank),
      padding: options.padding ?? 0,
    };
  }

  /**
   * `x` at `indices`, as `withIndices` of a max pool gives them. `outputSize` is the size of the pool's input, where that is
   * not (n - 1) stride - 2 padding + kernel.
   */
  override forward<X extends Shape, const Z extends readonly number[] | undefined = undefined>(
    x: Tensor<X>,
    indices: Tensor,
    outputSize?: Z,
  ): Tensor<Unpooled<X, K, S, P, Z> extends infer Y extends Shape ? Y : Shape> {
    const { kernel, stride, padding } = this.window;
    raised(() => splitImage(x.shape, this.type, kernel.length as Rank));
    return maxUnpool(x, indices, kernel, { stride, padding, ...(outputSize && { outputSize }) }) as never;
  }
}

/** Undoes MaxPool1d, but for the elements that were not the largest: they become zeros. PyTorch's MaxUnpool1d. */
export class MaxUnpool1d<const K extends number, const S extends number = K, const P extends number = 0> extends MaxUnpool<K, S, P> {
  constructor(kernelSize: K, options: UnpoolOptions<S, P> = {}) {
    super("MaxUnpool1d", 1, kernelSize, options);
  }
}

/** Undoes MaxPool2d, but for the elements that were not the largest: they become zeros. PyTorch's MaxUnpool2d. */
export class MaxUnpool2d<const K extends Size2, const S extends Size2 = K, const P extends Size2 = 0> extends MaxUnpool<K, S, P> {
  constructor(kernelSize: K, options: UnpoolOptions<S, P> = {}) {
    super("MaxUnpool2d", 2, kernelSize, options);
  }
}

/** Undoes MaxPool3d, but for the elements that were not the largest: they become zeros. PyTorch's MaxUnpool3d. */
export class MaxUnpool3d<const K extends Size3, const S extends Size3 = K, const P extends Size3 = 0> extends MaxUnpool<K, S, P> {
  constructor(kernelSize: K, options: UnpoolOptions<S, P> = {}) {
    super("MaxUnpool3d", 3, kernelSize, options);
  }
}
