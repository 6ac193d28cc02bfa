import { NdArray } from "../../base/ndarray.ts";
import type { Augmentation } from "./augmentation.ts";

export interface RandomCropOptions {
  /** Pixels put around the image on every side. */
  readonly padding: number;
  /** What they are, 0 to 255. Default 0, black. */
  readonly fill?: number;
}

/**
 * Pads an image and cuts a piece of its own size out of it, every place being as likely: the image moves by up to `padding`
 * pixels. Draws two numbers, for the row and for the column. torchvision's RandomCrop(size, padding) with the image's size.
 */
export function randomCrop({ padding, fill = 0 }: RandomCropOptions): Augmentation {
  if (!Number.isSafeInteger(padding) || padding < 0)
    throw new RangeError(`randomCrop: padding must be a whole number of at least 0, got ${padding}.`);
  if (!Number.isInteger(fill) || fill < 0 || fill > 255)
    throw new RangeError(`randomCrop: fill must be a whole number from 0 to 255, got ${fill}.`);
  const places = 2 * padding + 1;
  return (image, draws) => {
    const top = draws.below(places);
    const left = draws.below(places);
    return move(image, padding - top, padding - left, fill);
  };
}

/** [c, h, w] moved `down` and to the `right` (less than 0: up, to the left); `fill` comes in from outside. */
export function move(image: NdArray<"u8">, down: number, right: number, fill = 0): NdArray<"u8"> {
  if (down === 0 && right === 0) return image;
  const [channels = 0, height = 0, width = 0] = image.shape;
  const moved = new NdArray("u8", image.shape);
  if (fill !== 0) moved.data.fill(fill);
  // The part of each row that is still to be seen.
  const [from, to] = [Math.max(0, -right), Math.min(width, width - right)];
  if (from >= to) return moved;
  for (let c = 0; c < channels; c++) {
    for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
      const row = (c * height + y) * width;
      moved.data.set(image.data.subarray(row + from, row + to), row + down * width + from + right);
    }
  }
  return moved;
}
