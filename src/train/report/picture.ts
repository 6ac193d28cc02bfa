/** Arrays as pictures inside the page: PNG data URIs, which show without a script and without a network. */
import { encodePng, type PngImage } from "../../interop/png.ts";
import type { Numbers } from "./data.ts";
import { type Html, html } from "./html.ts";
import { DIVERGING, SIDE } from "./palette.ts";

/** One plane of numbers, row-major. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: ArrayLike<number>;
}

/** A picture; `alt` is empty where words beside it say the same. */
export const picture = (png: PngImage, alt: string, kind: string): Html =>
  html`<img class="${kind}" src="${dataUri(png)}" width="${png.width}" height="${png.height}" alt="${alt}">`;

function dataUri(png: PngImage): string {
  let binary = "";
  for (const byte of encodePng(png)) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}

/** Larger photographs are shrunk: the page shows them about this large. */
const PHOTO_SIDE = 96;

/** A stored image, u8 [c, h, w]: three channels in colour, otherwise the first one in grey. */
export function photo(image: Numbers): PngImage {
  const [channels, height, width] = threeAxes(image);
  const planes = Array.from({ length: channels === 3 ? 3 : 1 }, (_, c) => shrunk(planeOf(image, c, width, height), PHOTO_SIDE));
  const size = { width: planes[0]!.width, height: planes[0]!.height };
  const values = planes.flatMap((plane) => Array.from(plane.values, Math.round));
  if (channels !== 3) return { kind: "grey", ...size, pixels: values };
  return { kind: "rgb", ...size, pixels: interleaved(values, 0, size.width * size.height, (value) => value) };
}

/** The `index`th plane of a stack. */
export const planeOf = ({ data }: Numbers, index: number, width: number, height: number): Plane => ({
  width,
  height,
  values: Float32Array.from({ length: width * height }, (_, i) => data[index * width * height + i]!),
});

/** Signed numbers as blue and orange; `scale` is the size that gets the full colour. */
export function signedPicture({ width, height, values }: Plane, scale: number): PngImage {
  const pixels = new Uint8Array(width * height).fill(SIDE);
  for (let p = 0; p < values.length; p++) {
    const step = Math.round((SIDE * values[p]!) / scale);
    // The tests are false for NaN, which stays zero.
    if (step > 0) pixels[p] = SIDE + Math.min(SIDE, step);
    else if (step < 0) pixels[p] = SIDE + Math.max(-SIDE, step);
  }
  return { kind: "indexed", width, height, pixels, palette: DIVERGING };
}

/** Three planes of signed numbers, one after another from `start`, as red, green and blue about a middle grey. */
export function signedColourPicture(values: ArrayLike<number>, start: number, width: number, height: number, scale: number): PngImage {
  const grey = (value: number) => Math.min(255, Math.max(0, Math.round(127.5 + (127.5 * value) / scale)));
  return { kind: "rgb", width, height, pixels: interleaved(values, start, width * height, grey) };
}

/** The smallest and the largest finite number, and the larger of their sizes, for a scale: 1 if there is nothing but zeros. */
export function bounds(values: ArrayLike<number>): { readonly low: number; readonly high: number; readonly scale: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high, scale: low > high ? 1 : Math.max(-low, high) || 1 };
}

/** The plane no wider and no higher than `side`, by averaging squares of pixels. */
export function shrunk(plane: Plane, side: number): Plane {
  const by = Math.ceil(Math.max(plane.width, plane.height) / side);
  if (by <= 1) return plane;
  const [width, height] = [Math.ceil(plane.width / by), Math.ceil(plane.height / by)];
  const sums = new Float64Array(width * height);
  const counts = new Float64Array(width * height);
  for (let y = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++) {
      const to = Math.floor(y / by) * width + Math.floor(x / by);
      sums[to]! += plane.values[y * plane.width + x]!;
      counts[to]!++;
    }
  }
  return { width, height, values: sums.map((sum, i) => sum / counts[i]!) };
}

/** Channels, height and width; an array of fewer axes has ones in front. */
export function threeAxes({ shape }: Numbers): readonly [number, number, number] {
  const [c = 1, h = 1, w = 1] = [...Array<number>(Math.max(0, 3 - shape.length)).fill(1), ...shape];
  return [c, h, w];
}

/** Three planes to pixels of three samples. */
function interleaved(data: ArrayLike<number>, start: number, area: number, to: (value: number) => number): Uint8Array {
  const pixels = new Uint8Array(area * 3);
  for (let p = 0; p < area; p++) {
    for (let c = 0; c < 3; c++) pixels[p * 3 + c] = to(data[start + c * area + p]!);
  }
  return pixels;
}
