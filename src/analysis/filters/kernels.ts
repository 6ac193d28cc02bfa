/** Kernels made by hand: what people designed before networks learned theirs, and what first layers still look like. */

import { cosine, sine } from "../../base/math.ts";
import { f32, type NdArray } from "../../base/ndarray.ts";
import { nearest } from "../../base/nearest.ts";
import { exponential } from "../../base/power.ts";
import { OpError } from "../../ir/op.ts";

/** Shapes of the kernels that have a size. */
export interface FilterOptions {
  /** Width of gaussian and gabor: the standard deviation, in pixels. Default 1; gabor's is half its wavelength. */
  readonly sigma?: number;
  /** Rows and columns. Default: 3; for gaussian and gabor, as many as reach 3 sigma to both sides. */
  readonly size?: number;
  /** Where gabor's waves run, in degrees: 0 to the right, 90 downwards. Default 0. */
  readonly angle?: number;
  /** Pixels from one of gabor's waves to the next. Default 6. */
  readonly wavelength?: number;
}

type Rows = readonly (readonly number[])[];

const matrix = (rows: Rows): NdArray<"f32"> => f32([rows.length, rows[0]!.length], rows.flat());
const turned = (rows: Rows): Rows => rows[0]!.map((_, i) => rows.map((row) => row[i]!));

/** Differences along x, smoothed along y. */
const difference = (smooth: readonly [number, number, number]): Rows => smooth.map((s) => [-s, 0, s]);

/** A kernel from its values at (x, y) pixels from the middle. */
function sampled(size: number, value: (x: number, y: number) => number): NdArray<"f32"> {
  const middle = (size - 1) / 2;
  const at = (i: number): number => i - middle;
  return matrix(Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, column) => value(at(column), at(row)))));
}

/** The kernel with sum 1, so that the picture keeps its brightness. */
function normalized(kernel: NdArray<"f32">): NdArray<"f32"> {
  const sum = kernel.data.reduce((a, b) => a + b, 0);
  return f32(
    kernel.shape,
    kernel.data.map((v) => v / sum),
  );
}

const bell = (squared: number, sigma: number): number => exponential(-squared / (2 * sigma * sigma));
const reaching = (sigma: number): number => 2 * Math.ceil(3 * sigma) + 1;

/** e^(-(x^2 + y^2) / 2 sigma^2), with sum 1. */
function gaussian({ sigma = 1, size = reaching(sigma) }: FilterOptions): NdArray<"f32"> {
  return normalized(sampled(size, (x, y) => bell(x * x + y * y, sigma)));
}

/** Waves under a bell: what cells of the visual cortex answer to, and most first layers learn. */
function gabor({ wavelength = 6, sigma = wavelength / 2, size = reaching(sigma), angle = 0 }: FilterOptions): NdArray<"f32"> {
  const turn = (angle * Math.PI) / 180;
  const [c, s] = [cosine(turn), sine(turn)];
  return sampled(size, (x, y) => bell(x * x + y * y, sigma) * cosine((2 * Math.PI * (x * c + y * s)) / wavelength));
}

export type FilterName =
  | "identity"
  | "sobel-x"
  | "sobel-y"
  | "prewitt-x"
  | "prewitt-y"
  | "scharr-x"
  | "scharr-y"
  | "laplacian"
  | "gaussian"
  | "box"
  | "sharpen"
  | "emboss"
  | "gabor";

/** Every kernel by name. They slide as they stand, as in layers: sobel-x answers to what gets lighter to the right. */
const MAKERS: { readonly [N in FilterName]: (options: FilterOptions) => NdArray<"f32"> } = {
  identity: () => matrix([[1]]),
  "sobel-x": () => matrix(difference([1, 2, 1])),
  "sobel-y": () => matrix(turned(difference([1, 2, 1]))),
  "prewitt-x": () => matrix(difference([1, 1, 1])),
  "prewitt-y": () => matrix(turned(difference([1, 1, 1]))),
  "scharr-x": () => matrix(difference([3, 10, 3])),
  "scharr-y": () => matrix(turned(difference([3, 10, 3]))),
  /** The sum of the second differences: zero where brightness rises evenly. */
  laplacian: () =>
    matrix([
      [0, 1, 0],
      [1, -4, 1],
      [0, 1, 0],
    ]),
  gaussian,
  box: ({ size = 3 }: FilterOptions) => normalized(sampled(size, () => 1)),
  /** The picture less its laplacian. */
  sharpen: () =>
    matrix([
      [0, -1, 0],
      [-1, 5, -1],
      [0, -1, 0],
    ]),
  emboss: () =>
    matrix([
      [-2, -1, 0],
      [-1, 1, 1],
      [0, 1, 2],
    ]),
  gabor,
};

/** The names that `filterKernel` knows. */
export const FILTER_NAMES: readonly FilterName[] = Object.keys(MAKERS) as FilterName[];

/** A kernel made by hand: f32 [rows, columns], to slide as it stands (not flipped). */
export function filterKernel(name: FilterName, options: FilterOptions = {}): NdArray<"f32"> {
  const make: ((options: FilterOptions) => NdArray<"f32">) | undefined = MAKERS[name];
  if (!make) {
    const close = nearest(name, FILTER_NAMES);
    throw new OpError(
      "filterKernel",
      `there is no kernel ${name}. ${close ? `Did you mean ${close}?` : `There are ${FILTER_NAMES.join(", ")}`}`,
    );
  }
  for (const [what, value] of Object.entries(options)) {
    const whole = what === "size";
    const fits = what === "angle" ? Number.isFinite(value) : value > 0 && value <= 1000 && (!whole || Number.isInteger(value));
    if (!fits) throw new OpError("filterKernel", `${what} must be a ${whole ? "whole " : ""}number above 0, got ${value}`);
  }
  return make(options);
}
