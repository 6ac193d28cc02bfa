import type { NdArray } from "../../base/ndarray.ts";
import type { Draws } from "./draws.ts";

/**
 * Another version of one image, u8 [c, h, w], of the same shape. It does not write into `image`, which it may give back, and
 * takes all its chance from `draws`: then equal seeds give equal bits.
 */
export type Augmentation = (image: NdArray<"u8">, draws: Draws) => NdArray<"u8">;
