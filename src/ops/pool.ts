import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { type Padding, perAxis, perSide, type Sizes, type WindowAttrs } from "./window.ts";

export interface PoolOptions {
  /** Default: the kernel. */
  readonly stride?: Sizes;
  readonly padding?: Padding;
  readonly dilation?: Sizes;
}

/** The window of a pool over x [n, c, ...space]. */
export function normalizePool(op: string, x: Tensor, kernel: Sizes, options: PoolOptions): WindowAttrs {
  const rank = x.shape.length - 2;
  const sizes = perAxis(op, "kernel", kernel, rank);
  const padding = perSide(op, options.padding ?? 0, rank);
  padding.forEach((sides, d) => {
    // PyTorch: a window must hold at least one element of the input.
    if (Math.max(...sides) * 2 > sizes[d]!)
      throw new OpError(op, `padding may be at most half of the kernel ${sizes[d]}, got ${Math.max(...sides)}`);
  });
  return {
    kernel: sizes,
    stride: perAxis(op, "stride", options.stride ?? sizes, rank),
    padding,
    dilation: perAxis(op, "dilation", options.dilation ?? 1, rank),
  };
}
