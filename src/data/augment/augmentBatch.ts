import { NdArray } from "../../base/ndarray.ts";
import type { RandomStream } from "../../base/random.ts";
import { sameShape, showShape } from "../../base/shape.ts";
import { DataError } from "../dataError.ts";
import type { ImageShape } from "../dataset.ts";
import type { Augmentation } from "./augmentation.ts";
import { Draws } from "./draws.ts";

/**
 * Changes a batch that `gather` has made: image i of `images`, of shape [c, h, w], is number `indices[i]` of the data set and
 * draws that image's numbers from the epoch's `stream`. Throws DataError where an image comes back in another shape.
 */
export function augmentBatch(
  images: Uint8Array<ArrayBuffer>,
  imageShape: ImageShape,
  indices: Int32Array,
  augment: Augmentation,
  stream: RandomStream,
): void {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  for (let i = 0; i < indices.length; i++) {
    const pixels = images.subarray(i * size, (i + 1) * size);
    const changed = augment(new NdArray("u8", imageShape, pixels), new Draws(stream, indices[i]!));
    if (!sameShape(changed.shape, imageShape))
      throw new DataError("shape", `augment: an image must stay ${showShape(imageShape)}, got ${showShape(changed.shape)}.`);
    if (changed.data !== pixels) pixels.set(changed.data);
  }
}
