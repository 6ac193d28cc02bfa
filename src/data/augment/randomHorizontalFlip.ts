import { NdArray } from "../../base/ndarray.ts";
import type { Augmentation } from "./augmentation.ts";

/** Mirrors an image with probability `p` (default 0.5). Draws one number. torchvision's RandomHorizontalFlip. */
export function randomHorizontalFlip({ p = 0.5 }: { readonly p?: number } = {}): Augmentation {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`randomHorizontalFlip: p must be from 0 to 1, got ${p}.`);
  return (image, draws) => (draws.uniform() < p ? flipHorizontally(image) : image);
}

/** [c, h, w] with left and right exchanged. */
export function flipHorizontally(image: NdArray<"u8">): NdArray<"u8"> {
  const width = image.shape[image.shape.length - 1]!;
  const flipped = image.data.slice();
  for (let at = 0; at < flipped.length; at += width) flipped.subarray(at, at + width).reverse();
  return new NdArray("u8", image.shape, flipped);
}
