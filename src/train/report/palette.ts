/**
 * The page's colours, by day and by night. Blue against orange is told apart by every common kind of colour vision, and the
 * two also differ in lightness where shape or words do not already tell them apart.
 */
import type { Rgba } from "../../interop/png.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Each becomes the CSS variable of its name. */
export interface Theme {
  readonly paper: Rgb;
  /** A shade off the paper: plates behind pictures, stripes, code. */
  readonly plate: Rgb;
  readonly ink: Rgb;
  /** Captions and axis labels; at least 4.5:1 on paper and plate. */
  readonly muted: Rgb;
  readonly rule: Rgb;
  /** What is right, measured on test data, or above zero. */
  readonly blue: Rgb;
  /** What is wrong, measured on training data, or below zero. */
  readonly orange: Rgb;
  readonly teal: Rgb;
  readonly plum: Rgb;
  readonly grey: Rgb;
}

export const LIGHT: Theme = {
  paper: [252, 251, 248],
  plate: [243, 241, 236],
  ink: [28, 32, 38],
  muted: [91, 97, 106],
  rule: [222, 218, 210],
  blue: [30, 98, 160],
  orange: [184, 84, 16],
  teal: [44, 138, 128],
  plum: [130, 86, 138],
  grey: [142, 146, 152],
};

export const DARK: Theme = {
  paper: [20, 22, 26],
  plate: [30, 33, 38],
  ink: [230, 227, 220],
  muted: [160, 165, 172],
  rule: [54, 58, 65],
  blue: [110, 178, 238],
  orange: [240, 158, 92],
  teal: [96, 190, 178],
  plum: [194, 148, 204],
  grey: [128, 133, 141],
};

/** Steps of a heat map's colour, from the faintest (1) to the full hue. */
export const LEVELS = 10;

/** The step of `n` among numbers up to `most`, on a square-root scale; 0 is left to nothing at all. */
export const levelOf = (n: number, most: number): number => (n > 0 ? Math.max(1, Math.round(LEVELS * Math.sqrt(n / most))) : 0);

/** Background and text of step 1 to LEVELS; the text is whichever of black and white stands out more. */
export function heat(theme: Theme, hue: Rgb, level: number): { readonly fill: Rgb; readonly text: Rgb } {
  const fill = mix(theme.paper, hue, 0.06 + (0.94 * level) / LEVELS);
  const [dark, light]: readonly Rgb[] = [
    [0, 0, 0],
    [255, 255, 255],
  ];
  return { fill, text: contrast(fill, dark!) > contrast(fill, light!) ? dark! : light! };
}

/** `#1e62a0` */
export const hex = (colour: Rgb): string => `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

function mix(a: Rgb, b: Rgb, t: number): Rgb {
  const part = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * t);
  return [part(0), part(1), part(2)];
}

/** WCAG 2's contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [la, lb] = [luminance(a), luminance(b)];
  return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const s = part / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** Colours either side of zero in the diverging palette. */
export const SIDE = 31;

/**
 * For pictures of signed numbers: entry SIDE is zero and fully transparent, so that it is paper by day and by night; further
 * entries are blue (above zero) and orange (below), ever more opaque.
 */
export const DIVERGING: readonly Rgba[] = Array.from({ length: 2 * SIDE + 1 }, (_, i) => {
  const [r, g, b] = i < SIDE ? [214, 108, 36] : [46, 124, 196];
  return [r!, g!, b!, Math.round((255 * Math.abs(i - SIDE)) / SIDE)] as const;
});
