/**
 * A data set without a file: handwritten-looking digits, drawn from pen strokes (skeletons.ts).
 *
 * Every image is a pure function of (seed, split, index), with the same bits on every machine: counter-based random numbers,
 * and arithmetic by + - * / and sqrt alone. Hard enough that a linear classifier stays far below a small convolutional one.
 */
import { cosine, sine } from "../base/math.ts";
import { NdArray } from "../base/ndarray.ts";
import { RandomStream } from "../base/random.ts";
import { DataError } from "./dataError.ts";
import { checkDataset, type Dataset } from "./dataset.ts";
import { Canvas, type Polyline, polyline } from "./pen.ts";
import { BOX_CENTRE, SKELETONS, type Stroke } from "./skeletons.ts";

const SIDE = 28;
const CLASSES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
const COUNTS = { train: 12_000, test: 2_000 } as const;
const SEED = 1;

/** Of the 12,000 training images of seed 1, to four digits. */
const MEAN: readonly number[] = [0.1094];
const STD: readonly number[] = [0.2268];

/** Each image owns this many random numbers: the first half for its shape, the second for its noise. */
const DRAWS = 2048;
const NOISE = 1024;

/** The random numbers of one image, in order. */
class Draws {
  readonly #stream: RandomStream;
  #at = 0;

  constructor(stream: RandomStream) {
    this.#stream = stream;
  }

  rewind(image: number): void {
    this.#at = image * DRAWS;
  }

  below(n: number): number {
    return this.#stream.below(n, this.#at++);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.#stream.uniform(this.#at++);
  }

  /** A triangular distribution on [-width, width]: small deviations are common, large ones rare. */
  around(width: number): number {
    return this.between(-width / 2, width / 2) + this.between(-width / 2, width / 2);
  }
}

export interface StrokesOptions {
  /** The two parts share no random number. */
  readonly split: "train" | "test";
  /** Number of images; default 12,000 (train) or 2,000 (test). Fewer are the first of more. */
  readonly count?: number;
  /** A whole number; default 1. */
  readonly seed?: number;
}

/**
 * Digits 0 to 9, generated: images [count, 1, 28, 28], light ink on dark ground as in MNIST.
 *
 * About 35 microseconds per image. Throws DataError for a count that is not a whole number above zero.
 */
export function strokes({ split, count = COUNTS[split], seed = SEED }: StrokesOptions): Dataset<readonly [1, 28, 28], 10> {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new DataError("shape", `strokes ${split}: count must be a whole number above zero, got ${count}.`);
  }
  const stream = new RandomStream(seed, `strokes/${split}`);
  const draws = new Draws(stream);
  const canvas = new Canvas(SIDE);
  const images = new NdArray("u8", [count, 1, SIDE, SIDE]);
  const labels = new NdArray("i32", [count]);
  for (let i = 0; i < count; i++) {
    draws.rewind(i);
    const digit = draws.below(10);
    labels.data[i] = digit;
    canvas.clear();
    drawDigit(digit, draws, canvas);
    drawSpecks(draws, canvas);
    const full = draws.between(130, 255);
    const noise = draws.between(0, 32);
    develop(canvas.ink, full, noise, stream, i * DRAWS + NOISE, images.data.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
  }
  const dataset = { name: `strokes ${split}`, images, labels, classes: CLASSES, imageShape: [1, 28, 28] as const, mean: MEAN, std: STD };
  return checkDataset(dataset);
}

/** One digit in a hand of its own: which form, how its points stray, how it is bent, slanted, sized and placed. */
function drawDigit(digit: number, draws: Draws, canvas: Canvas): void {
  const forms = SKELETONS[digit]!;
  const form = forms[draws.below(forms.length)]!;
  const lines = form.map((stroke) => polyline(strayed(stroke, 9, draws)));
  bend(lines, draws);
  const extent = slant(lines, draws);
  const radius = draws.between(0.75, 1.5);
  const softness = draws.between(0.5, 1);
  const pressure = draws.around(0.25);
  // A digit too large for the picture is shrunk.
  const fit = Math.min(1, (SIDE - 1 - 2 * radius) / Math.max(extent.right - extent.left, extent.bottom - extent.top));
  const dx = placement(extent.left * fit, extent.right * fit, radius, draws.around(6));
  const dy = placement(extent.top * fit, extent.bottom * fit, radius, draws.around(6));
  for (const { x, y } of lines) {
    for (let k = 1; k < x.length; k++) {
      // The pen presses harder towards one end of the stroke.
      const width = radius * (1 + pressure * ((2 * k) / x.length - 1));
      canvas.line(x[k - 1]! * fit + dx, y[k - 1]! * fit + dy, x[k]! * fit + dx, y[k]! * fit + dy, width, softness, 1);
    }
  }
}

/** Each control point moved by up to `width`; the two points of a corner stay together. */
function strayed(stroke: Stroke, width: number, draws: Draws): Stroke {
  const moved: number[] = [];
  for (let k = 0; k < stroke.length; k += 2) {
    if (k > 0 && stroke[k] === stroke[k - 2] && stroke[k + 1] === stroke[k - 1]) moved.push(moved[k - 2]!, moved[k - 1]!);
    else moved.push(stroke[k]! + draws.around(width), stroke[k + 1]! + draws.around(width));
  }
  return moved;
}

/** Smooth elastic distortion: two plane waves along each axis, with wavelengths of the digit's own size and longer. */
function bend(lines: readonly Polyline[], draws: Draws): void {
  const wave = () => ({
    height: draws.around(12),
    fx: draws.between(-0.035, 0.035),
    fy: draws.between(-0.03, 0.03),
    phase: draws.between(0, 6.283185307),
  });
  const [a, b, c, d] = [wave(), wave(), wave(), wave()];
  const at = (w: ReturnType<typeof wave>, x: number, y: number) => w.height * sine(w.fx * x + w.fy * y + w.phase);
  for (const { x, y } of lines) {
    for (let k = 0; k < x.length; k++) {
      const [px, py] = [x[k]!, y[k]!];
      x[k] = px + at(a, px, py) + at(b, px, py);
      y[k] = py + at(c, px, py) + at(d, px, py);
    }
  }
}

interface Extent {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Scales to pixels, shears and rotates about the box's centre; gives the extent of what came out. */
function slant(lines: readonly Polyline[], draws: Draws): Extent {
  const angle = draws.around(0.34); // at most 19 degrees: 6 and 9, 1 and 7 stay what they are
  const shear = draws.around(0.4);
  const height = draws.between(0.108, 0.165); // pixels per unit: 15 to 23 pixels high
  const width = height * draws.between(0.65, 1.15);
  const [cos, sin] = [cosine(angle), sine(angle)];
  const extent: Extent = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const { x, y } of lines) {
    for (let k = 0; k < x.length; k++) {
      const v = y[k]! - BOX_CENTRE[1];
      const u = (x[k]! - BOX_CENTRE[0] - shear * v) * width;
      const px = cos * u - sin * v * height;
      const py = sin * u + cos * v * height;
      x[k] = px;
      y[k] = py;
      extent.left = Math.min(extent.left, px);
      extent.right = Math.max(extent.right, px);
      extent.top = Math.min(extent.top, py);
      extent.bottom = Math.max(extent.bottom, py);
    }
  }
  return extent;
}

/** How far to move what spans `low` to `high`: to the middle and `off` from there, but with its ink inside the picture. */
function placement(low: number, high: number, radius: number, off: number): number {
  const last = SIDE - 1;
  return Math.min(last - radius - high, Math.max(radius - low, last / 2 - (low + high) / 2 + off));
}

/** Up to three specks of dust: short faint lines. */
function drawSpecks(draws: Draws, canvas: Canvas): void {
  const specks = draws.below(4);
  for (let k = 0; k < specks; k++) {
    const x = draws.between(0, SIDE - 1);
    const y = draws.between(0, SIDE - 1);
    canvas.line(x, y, x + draws.around(2.5), y + draws.around(2.5), draws.between(0.3, 0.7), 0.6, draws.between(0.25, 0.75));
  }
}

/** Ink to bytes: `full` ink at `full`, and evenly spread noise of up to `noise` grey levels, one random byte per pixel. */
function develop(ink: Float64Array, full: number, noise: number, stream: RandomStream, at: number, pixels: Uint8Array): void {
  let word = 0;
  for (let p = 0; p < pixels.length; p++) {
    word = p % 4 === 0 ? stream.bits(at++) : word >>> 8;
    const value = ink[p]! * full + ((word & 255) - 127.5) * (noise / 127.5);
    pixels[p] = Math.min(255, Math.max(0, value));
  }
}
