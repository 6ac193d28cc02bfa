import type { Augmentation } from "./augmentation.ts";
import { compose } from "./compose.ts";
import { randomCrop } from "./randomCrop.ts";
import { randomHorizontalFlip } from "./randomHorizontalFlip.ts";

/** What He, Zhang, Ren, Sun do to the images of CIFAR ("Deep residual learning for image recognition", 2015): `{ flip: true, crop: 4 }`. */
export interface FlipAndCrop {
  /** Whether each image is mirrored with probability 1/2. Default false. */
  readonly flip?: boolean;
  /** Black pixels put around the image before a piece of its own size is cut out at random. Default 0: none. */
  readonly crop?: number;
}

/** Crops first, then flips, as torchvision's reference training. */
export const flipAndCrop = ({ flip = false, crop = 0 }: FlipAndCrop): Augmentation =>
  compose(...(crop === 0 ? [] : [randomCrop({ padding: crop })]), ...(flip ? [randomHorizontalFlip()] : []));
