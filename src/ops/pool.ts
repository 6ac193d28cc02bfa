import { showShape } from "../base/shape.ts";
import { OpError, type TensorType } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { type Padding, perAxis, perSide, type Sizes, type WindowAttrs, windowShape } from "./window.ts";

export interface PoolOptions {
  /** Default: the kernel. */
  readonly stride?: Sizes;
  readonly padding?: Padding;
  readonly dilation?: Sizes;
}

/** The window of a pool over x [n, c, ...space]. */
export function normalizePool(op: string, x: Tensor, kernel: Sizes, options: PoolOptions): WindowAttrs {
  const rank = x.shape.length - 2;
  if (rank < 1 || rank > 3)
    throw new OpError(op, `input must be [batch, channels, ...space] with 1 to 3 spatial axes, got ${showShape(x.shape)}`);
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

/** What a pool of x gives. */
export function pooled(op: string, x: TensorType, w: WindowAttrs): TensorType {
  if (x.dtype !== "f32") throw new OpError(op, `takes f32, got ${x.dtype} ${showShape(x.shape)}. Convert it with toFloat`);
  return { shape: [...x.shape.slice(0, 2), ...windowShape(op, x, w)], dtype: "f32" };
}
