/** Dropout: random elements become zero. Which ones is a function of the key and of their place, drawn again for the gradient. */
import { f32 } from "../base/ndarray.ts";
import { showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, constant, type Tensor } from "../ir/tensor.ts";
import { constant as c, select as choose, index, load, mul as times } from "../kernel/expr.ts";
import { Int } from "../kernel/int.ts";
import { compute } from "../kernel/kernel.ts";
import { randomBits } from "../kernel/philox.ts";
import { add, mul } from "./arithmetic.ts";
import { bitsAt, checkKey } from "./drawing.ts";
import { expand } from "./expand.ts";

type DropoutAttrs = {
  /** Share of the elements that become zero, in (0, 1). */
  readonly p: number;
};

/** An element is dropped where its bits, as a signed number, are below this: p is met within 2^-32. */
const limitOf = (p: number): number => Math.round(p * 2 ** 32) - 2 ** 31;

/** Zero where the random bits say so, else x / (1 - p): x and a key. It is linear in x, and its own adjoint. */
export const dropoutOp: Op<DropoutAttrs> = defineOp<DropoutAttrs>({
  name: "dropout",
  facts: { linear: true },
  infer([x, key]) {
    if (x!.dtype !== "f32") throw new OpError("dropout", `takes f32, got ${x!.dtype} ${showShape(x!.shape)}. Convert it with toFloat`);
    checkKey("dropout", key!);
    return { shape: x!.shape, dtype: "f32" };
  },
  grad: (dy, { inputs: [, key], attrs }) => [apply(dropoutOp, [dy, key!], attrs), undefined],
  reference([x, key], out, { p }) {
    for (let i = 0; i < out.data.length; i++) {
      out.data[i] = randomBits(i, key!.data[0]!) < limitOf(p) ? 0 : x!.data[i]! / (1 - p);
    }
  },
  kernel: ([x, key], out, { p }) =>
    compute("dropout", out, {}, (axes) =>
      choose("lt", bitsAt(axes, out.shape, key!), index(Int.of(limitOf(p))), c(0), times(load(x!, axes), c(1 / (1 - p)))),
    ),
});

/**
 * x with each element zero with probability `p`, and the others divided by 1 - p, so that the mean stays. For training: where a
 * network evaluates, leave it out. `key` (see `randomKey`) decides which ones. PyTorch's dropout.
 */
export function dropout(x: Tensor, p: number, key: Tensor): Tensor {
  if (!(p >= 0 && p <= 1)) throw new OpError("dropout", `p must be in [0, 1], got ${p}`);
  checkKey("dropout", key);
  if (p === 0) return x;
  // Nothing is left, and nothing could be scaled up.
  return limitOf(p) >= 2 ** 31 ? mul(x, 0) : apply(dropoutOp, [x, key], { p });
}

/** dropout of whole channels of x [n, c, ...space]: neighbours in an image say much the same. PyTorch's dropout1d, 2d and 3d. */
export const channelDropout = (x: Tensor, p: number, key: Tensor): Tensor => mul(x, dropout(channelOnes(x), p, key));

/** 1 for each channel of x [n, c, ...space], in a shape that broadcasts to it. */
function channelOnes(x: Tensor): Tensor {
  if (x.shape.length < 2) throw new OpError("channelDropout", `input must be [batch, channels, ...space], got ${showShape(x.shape)}`);
  return ones(x.shape.map((extent, d) => (d < 2 ? extent : 1)));
}

const ones = (shape: readonly number[]): Tensor => expand(constant(f32([], [1])), shape);

/** Where selu goes to at minus infinity. */
const SELU_FLOOR = -1.7580993408473766;

/**
 * dropout for selu: elements are set to selu's least value instead of zero, and all are scaled and moved so that mean and
 * variance stay. PyTorch's alpha_dropout.
 */
export const alphaDropout = (x: Tensor, p: number, key: Tensor): Tensor => toFloor(x, ones(x.shape), p, key);

/** alphaDropout of whole channels of x [n, c, ...space]. PyTorch's feature_alpha_dropout. */
export const channelAlphaDropout = (x: Tensor, p: number, key: Tensor): Tensor => toFloor(x, channelOnes(x), p, key);

function toFloor(x: Tensor, units: Tensor, p: number, key: Tensor): Tensor {
  const kept = mul(dropout(units, p, key), 1 - p);
  if (p === 0 || p === 1) return p === 0 ? x : mul(x, 0);
  const scale = 1 / Math.sqrt((1 - p) * (1 + p * SELU_FLOOR ** 2));
  // x where it is kept, the floor where it is not, scaled and moved.
  const floor = mul(add(mul(kept, -1), 1), SELU_FLOOR * scale);
  return add(add(mul(mul(x, kept), scale), floor), -SELU_FLOOR * scale * p);
}
