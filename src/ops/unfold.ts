/** Windows as columns (im2col) and back (col2im): each the adjoint of the other. Of any spatial rank. */
import { type Shape, sameShape, showShape, sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { reshape } from "./reshape.ts";
import { permute } from "./transpose.ts";
import { type Padding, perAxis, perSide, type Sizes, type WindowAttrs, windowShape } from "./window.ts";
import { windowsGradOp, windowsOp } from "./windowReduce.ts";

export interface UnfoldOptions {
  /** Default 1. */
  readonly stride?: Sizes;
  /** Zeros on both sides, or [before, after] for each axis. Default 0. */
  readonly padding?: Padding;
  /** Default 1. */
  readonly dilation?: Sizes;
}

function windowOf(op: string, rank: number, kernel: Sizes, options: UnfoldOptions): WindowAttrs {
  if (rank < 1 || rank > 3) throw new OpError(op, `takes 1 to 3 spatial axes, got ${rank}`);
  return {
    kernel: perAxis(op, "kernel", kernel, rank),
    stride: perAxis(op, "stride", options.stride ?? 1, rank),
    padding: perSide(op, options.padding ?? 0, rank),
    dilation: perAxis(op, "dilation", options.dilation ?? 1, rank),
  };
}

/**
 * The windows of x [n, c, ...space] as columns: [n, c taps, windows], taps row-major within each channel, windows row-major.
 * PyTorch's unfold.
 */
export function unfold(x: Tensor, kernel: Sizes, options: UnfoldOptions = {}): Tensor {
  const rank = x.shape.length - 2;
  const w = windowOf("unfold", rank, kernel, options);
  if (x.dtype !== "f32") throw new OpError("unfold", `takes f32, got ${x.dtype} ${showShape(x.shape)}. Convert it with toFloat`);
  const space = windowShape("unfold", x, w);
  const all = apply(windowsOp, [x], { ...w, fill: 0 });
  const [n, c] = x.shape as readonly [number, number];
  const axes = w.kernel.map((_, d) => d + 2);
  const columns = permute(all, [0, 1, ...axes.map((d) => d + rank), ...axes]);
  return reshape(columns, [n, c * sizeOf(w.kernel), sizeOf(space)]);
}

/**
 * The sum of windows given as columns x [n, c taps, windows], each laid where it was taken from: [n, c, ...outputSize]. Where windows
 * overlap, their elements add up. PyTorch's fold.
 */
export function fold(x: Tensor, outputSize: Shape, kernel: Sizes, options: UnfoldOptions = {}): Tensor {
  const rank = outputSize.length;
  const w = windowOf("fold", rank, kernel, options);
  const taps = sizeOf(w.kernel);
  const [n = 0, rows = 0, windows = 0] = x.shape;
  const c = rows / taps;
  const space = windowShape("fold", { shape: [n, c, ...outputSize], dtype: "f32" }, w);
  if (x.dtype !== "f32" || !Number.isInteger(c) || !sameShape(x.shape, [n, rows, sizeOf(space)])) {
    throw new OpError(
      "fold",
      `columns must be f32 [batch, channels * ${taps}, ${sizeOf(space)}] for windows ${showShape(w.kernel)} of ${showShape(outputSize)}, got ${x.dtype} ${showShape(x.shape)}${windows === sizeOf(space) ? "" : `, ${windows} windows`}`,
    );
  }
  const all = reshape(x, [n, c, ...w.kernel, ...space]);
  const axes = w.kernel.map((_, d) => d + 2);
  const placed = permute(all, [0, 1, ...axes.map((d) => d + rank), ...axes]);
  return apply(windowsGradOp, [placed], { ...w, inputSpace: outputSize });
}
