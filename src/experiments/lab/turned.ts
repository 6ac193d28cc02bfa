import { rotated } from "../../analysis/equivariance/moved.ts";
import { f32, NdArray } from "../../base/ndarray.ts";

/** Images u8 [n, c, h, w] turned about their middle by so many degrees: bilinear, zeros beyond the corners, rounded to whole grey levels. */
export function turned(images: NdArray<"u8">, degrees: number): NdArray<"u8"> {
  const middle = images.shape.slice(2).map((n) => (n - 1) / 2);
  const { data } = rotated(f32(images.shape, images.data), degrees, middle, { start: [0, 0], step: [1, 1] });
  return new NdArray(
    "u8",
    images.shape,
    Uint8Array.from(data, (v) => Math.min(255, Math.max(0, Math.round(v)))),
  );
}
