/** Channels into space and back, and among each other. Composites: fused, each is one pass over the array, or none. */
import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { reshape } from "./reshape.ts";
import { permute } from "./transpose.ts";

function checked(op: string, what: string, factor: number, x: Tensor): void {
  if (!Number.isInteger(factor) || factor < 1) throw new OpError(op, `${what} must be a whole number of at least 1, got ${factor}`);
  if (x.shape.length < 3) throw new OpError(op, `input must be [batch, channels, ...space], got ${showShape(x.shape)}`);
}

/**
 * [n, c r^d, ...space] to [n, c, ...space r]: each group of r^d channels becomes an r x r block of pixels, row by row.
 *
 * PyTorch: pixel_shuffle, here for any number d of spatial axes.
 */
export function pixelShuffle(x: Tensor, r: number): Tensor {
  checked("pixelShuffle", "the factor", r, x);
  const [n, channels, ...space] = x.shape as readonly [number, number, ...number[]];
  const c = channels / r ** space.length;
  if (!Number.isInteger(c)) {
    throw new OpError(
      "pixelShuffle",
      `channels must be a multiple of ${r ** space.length} = ${r}^${space.length}, got ${channels} in ${showShape(x.shape)}`,
    );
  }
  const blocks = reshape(x, [n, c, ...space.map(() => r), ...space]);
  const pairs = space.flatMap((_, d) => [2 + space.length + d, 2 + d]);
  return reshape(permute(blocks, [0, 1, ...pairs]), [n, c, ...space.map((s) => s * r)]);
}

/** [n, c, ...space r] to [n, c r^d, ...space]: the inverse of pixelShuffle. PyTorch's pixel_unshuffle. */
export function pixelUnshuffle(x: Tensor, r: number): Tensor {
  checked("pixelUnshuffle", "the factor", r, x);
  const [n, c, ...space] = x.shape as readonly [number, number, ...number[]];
  const bad = space.findIndex((s) => s % r !== 0);
  if (bad >= 0)
    throw new OpError("pixelUnshuffle", `axis ${bad + 2} must be a multiple of ${r}, got ${space[bad]} in ${showShape(x.shape)}`);
  const blocks = reshape(x, [n, c, ...space.flatMap((s) => [s / r, r])]);
  const within = space.map((_, d) => 3 + 2 * d);
  const rest = space.map((_, d) => 2 + 2 * d);
  return reshape(permute(blocks, [0, 1, ...within, ...rest]), [n, c * r ** space.length, ...space.map((s) => s / r)]);
}

/**
 * Channels dealt out anew: of g groups of m channels, first the first of each group, then the second of each ... so that a grouped
 * convolution after it sees channels of every group before. PyTorch's channel_shuffle; ShuffleNet.
 */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  checked("channelShuffle", "groups", groups, x);
  const [n, c, ...space] = x.shape as readonly [number, number, ...number[]];
  if (c % groups !== 0) throw new OpError("channelShuffle", `groups must divide the ${c} channels, got ${groups}`);
  const dealt = permute(reshape(x, [n, groups, c / groups, ...space]), [0, 2, 1, ...space.map((_, d) => d + 3)]);
  return reshape(dealt, x.shape);
}
