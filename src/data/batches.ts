import { invariant } from "../base/assert.ts";
import { permutation, RandomStream } from "../base/random.ts";
import type { Dataset } from "./dataset.ts";

/** The order of images in one epoch: a permutation of 0..n-1 that depends on (n, seed, epoch) alone, the same on every machine. */
export function epochOrder(n: number, seed: number, epoch: number): Int32Array {
  return permutation(n, new RandomStream(seed, `shuffle/${epoch}`));
}

/** One epoch's order cut into batches: views of at most `size` indices. The last is shorter where `size` does not divide n. */
export function* batches(order: Int32Array, size: number): Generator<Int32Array, void, undefined> {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`batches: batch size must be a whole number above zero, got ${size}.`);
  for (let at = 0; at < order.length; at += size) yield order.subarray(at, Math.min(at + size, order.length));
}

/**
 * Copies the images and labels at `indices` into the front of `images` (u8, indices.length * c * h * w) and `labels`
 * (i32, indices.length): buffers that may be longer, and may lie in a program's memory.
 */
export function gather(dataset: Dataset, indices: Int32Array, images: Uint8Array, labels: Int32Array): void {
  const [channels, height, width] = dataset.imageShape;
  const size = channels * height * width;
  invariant(images.length >= indices.length * size && labels.length >= indices.length, `no room for a batch of ${indices.length} images`);
  const pixels = dataset.images.data;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    invariant(index >= 0 && index < dataset.labels.data.length, `image ${index} of ${dataset.name} does not exist`);
    images.set(pixels.subarray(index * size, (index + 1) * size), i * size);
    labels[i] = dataset.labels.data[index]!;
  }
}
