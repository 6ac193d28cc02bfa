import type { Augmentation } from "./augmentation.ts";

/** One augmentation after the other, each on what the one before it gave. torchvision's Compose. */
export const compose =
  (...augmentations: readonly Augmentation[]): Augmentation =>
  (image, draws) =>
    augmentations.reduce((changed, augmentation) => augmentation(changed, draws), image);
