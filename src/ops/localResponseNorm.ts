import { showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load } from "../kernel/expr.ts";
import { Int } from "../kernel/int.ts";
import { compute } from "../kernel/kernel.ts";
import { add, mul } from "./arithmetic.ts";
import { pow } from "./pow.ts";

/** How many channels before and after a channel belong to its neighbourhood. */
interface Neighbours extends Readonly<Record<string, unknown>> {
  readonly before: number;
  readonly after: number;
}

/** Sum over neighbouring channels of x [n, c, ...]; beyond the first and the last there are zeros. */
export const channelSumOp: Op<Neighbours> = defineOp<Neighbours>({
  name: "channelSum",
  facts: { linear: true },
  infer([x]) {
    if (x!.dtype !== "f32") throw new OpError("channelSum", `takes f32, got ${x!.dtype} ${showShape(x!.shape)}. Convert it with toFloat`);
    if (x!.shape.length < 2) throw new OpError("channelSum", `input must be [batch, channels, ...space], got ${showShape(x!.shape)}`);
    return { shape: x!.shape, dtype: "f32" };
  },
  grad: (dy, { attrs: { before, after } }) => [apply(channelSumOp, [dy], { before: after, after: before })],
  reference([x], out, { before, after }) {
    const [n, c, ...space] = x!.shape as readonly [number, number, ...number[]];
    const places = space.reduce((product, extent) => product * extent, 1);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < c; j++) {
        for (let k = Math.max(0, j - before); k <= Math.min(c - 1, j + after); k++) {
          for (let p = 0; p < places; p++) out.data[(i * c + j) * places + p]! += x!.data[(i * c + k) * places + p]!;
        }
      }
    }
  },
  kernel: ([x], out, { before, after }) =>
    compute("channelSum", out, { reduce: [before + after + 1] }, ([n, c, ...space], [k]) =>
      load(x!, [n!, Int.of(c!).add(k!).sub(before), ...space]),
    ),
});

export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

/**
 * x / (k + alpha * mean of x^2 over `size` neighbouring channels)^beta for x [n, c, ...space]; channels beyond the ends count as
 * zeros. PyTorch's local_response_norm. Krizhevsky et al., "ImageNet classification with deep convolutional networks", 2012.
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (!Number.isInteger(size) || size < 1) throw new OpError("localResponseNorm", `size must be a whole number of at least 1, got ${size}`);
  // PyTorch: of an even number of neighbours, one more comes before. The mean divides by size at the ends too.
  const total = apply(channelSumOp, [mul(x, x)], { before: Math.floor(size / 2), after: Math.floor((size - 1) / 2) });
  return mul(x, pow(add(mul(total, alpha / size), k), -beta));
}
