/** Convolution as mathematics has it, over whole signals and images without batch or channels. */
import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { conv } from "./conv.ts";
import { reshape } from "./reshape.ts";
import { flip } from "./slice.ts";

/**
 * How much of the result: everything where the two touch (n + k - 1 elements along an axis), as many elements as the first has (the
 * middle of those), or only where the second lies within the first (n - k + 1).
 */
export type ConvolveMode = "full" | "same" | "valid";

/**
 * The cross-correlation of two arrays of one to three axes: y[i] = sum over j of x[i + j - shift] k[j]. It is what layers call convolution.
 *
 * SciPy's correlate for real arrays, NumPy's for one axis. Of mode "same": with an even kernel, one element more lies before than after;
 * PyTorch's padding "same" has it the other way round.
 */
export function correlate(x: Tensor, kernel: Tensor, mode: ConvolveMode = "full"): Tensor {
  return slide("correlate", x, kernel, mode);
}

/**
 * The convolution of two arrays of one to three axes: the kernel is flipped, then slides. y[i] = sum over j of x[i - j + shift] k[j];
 * of mode "full" it does not matter which of the two is the kernel. SciPy's convolve, NumPy's for one axis.
 */
export function convolve(x: Tensor, kernel: Tensor, mode: ConvolveMode = "full"): Tensor {
  return slide("convolve", x, flip(kernel), mode);
}

function slide(op: string, x: Tensor, kernel: Tensor, mode: ConvolveMode): Tensor {
  const rank = x.shape.length;
  const shapes = `${showShape(x.shape)} and ${showShape(kernel.shape)}`;
  if (rank < 1 || rank > 3 || kernel.shape.length !== rank) {
    throw new OpError(op, `takes two arrays of the same 1 to 3 axes, got ${shapes}. Leave out batch and channels`);
  }
  if (mode !== "full" && mode !== "same" && mode !== "valid") throw new OpError(op, `mode must be full, same or valid, got ${mode}`);
  if (mode === "valid" && kernel.shape.some((k, d) => k > x.shape[d]!)) {
    if (kernel.shape.some((k, d) => k < x.shape[d]!)) {
      throw new OpError(op, `mode valid needs one array to be at least as large as the other along each axis, got ${shapes}`);
    }
    // Where the kernel is the larger one the two change places, and the result is turned round.
    return flip(slide(op, kernel, x, mode));
  }
  const padding = kernel.shape.map((k): readonly [number, number] => {
    if (mode === "full") return [k - 1, k - 1];
    return mode === "same" ? [k >> 1, k - 1 - (k >> 1)] : [0, 0];
  });
  const y = conv(reshape(x, [1, 1, ...x.shape]), reshape(kernel, [1, 1, ...kernel.shape]), undefined, { padding });
  return reshape(y, y.shape.slice(2));
}
