import type { PngImage, Rgba } from "../../../interop/png.ts";
import type { Plane } from "../picture.ts";

/** Colours from nothing to most. */
const STEPS = 48;

/** Where the colours pass: plum, orange, yellow, ever more opaque, so that what counts little leaves the image as it is. */
const STOPS: readonly Rgba[] = [
  [130, 40, 150, 0],
  [150, 40, 150, 90],
  [226, 80, 70, 170],
  [250, 150, 30, 210],
  [255, 226, 70, 230],
];

/** Laid over a photograph: entry 0 lets all of it through. */
export const HEAT: readonly Rgba[] = Array.from({ length: STEPS }, (_, i) => {
  const at = (i / (STEPS - 1)) * (STOPS.length - 1);
  const from = Math.min(STOPS.length - 2, Math.floor(at));
  const part = (j: number): number => Math.round(STOPS[from]![j]! + (at - from) * (STOPS[from + 1]![j]! - STOPS[from]![j]!));
  return [part(0), part(1), part(2), part(3)] as const;
});

/** Numbers above zero as heat; `scale` is what gets the last colour. What is zero, below it, or no number lets the image through. */
export function heatPicture({ width, height, values }: Plane, scale: number): PngImage {
  const pixels = new Uint8Array(width * height);
  for (let p = 0; p < pixels.length; p++) {
    const step = Math.round(((STEPS - 1) * values[p]!) / scale);
    if (step > 0) pixels[p] = Math.min(STEPS - 1, step);
  }
  return { kind: "indexed", width, height, pixels, palette: HEAT };
}
