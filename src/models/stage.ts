import { Sequential } from "../nn/layers/sequential.ts";
import type { Module } from "../nn/module.ts";

/**
 * A stage of a network: `first`, which may change the shape, and `count` - 1 blocks more, which do not. They are children "0", "1", ...
 *
 *     stage(reduction(64, 128), 4, () => block(128))
 *
 * Its type names one block of the others: since that takes what `first` gives and keeps its shape, so do all. A Sequential of as many
 * would only be slower to check.
 */
export function stage<F extends Module, M extends Module>(first: F, count: number, next: () => M): Sequential<[F, M]> {
  const blocks: Module[] = [first, ...Array.from({ length: count - 1 }, next)];
  return new Sequential(...blocks) as unknown as Sequential<[F, M]>;
}
