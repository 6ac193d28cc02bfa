import { NdArray } from "../../base/ndarray.ts";

/** Images [n, c, h, w] moved down by `dy` and right by `dx` pixels, either of which may be negative; zeros come in at the edges. */
export function shifted(images: NdArray<"u8">, dy: number, dx: number): NdArray<"u8"> {
  const [n = 0, channels = 0, height = 0, width = 0] = images.shape;
  const moved = new NdArray("u8", images.shape);
  for (let plane = 0; plane < n * channels; plane++) {
    for (let y = Math.max(0, dy); y < Math.min(height, height + dy); y++) {
      const [left, right] = [Math.max(0, dx), Math.min(width, width + dx)];
      const from = (plane * height + y - dy) * width - dx;
      moved.data.set(images.data.subarray(from + left, from + right), (plane * height + y) * width + left);
    }
  }
  return moved;
}

/** Up, down, left and right by `distance`, as [dy, dx]; a distance of 0 is one place. */
export const directions = (distance: number): readonly (readonly [dy: number, dx: number])[] =>
  distance === 0
    ? [[0, 0]]
    : [
        [-distance, 0],
        [distance, 0],
        [0, -distance],
        [0, distance],
      ];
