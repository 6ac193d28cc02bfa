/** Whether feature maps move with the image: how far the map of a moved image is from the moved map of the image. */
import type { Backend } from "../../backend/backend.ts";
import type { NdArray } from "../../base/ndarray.ts";
import { showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import type { Module } from "../../nn/module.ts";
import { wasm } from "../../runtime/wasm.ts";
import { endsAt, type Reach } from "../receptiveField/reach.ts";
import { layerRunner, type RunLayer } from "./layerRunner.ts";
import { type Edge, rotated, shifted } from "./moved.ts";

export interface EquivarianceOptions {
  /** Paths of layers. Default: all whose units lie apart in space. */
  readonly layers?: readonly string[];
  /** Shifts of the image in whole pixels, one number for each axis of space. Default: by 1, 2, 4 and 8 along the last axis, if it is longer. */
  readonly shifts?: readonly (readonly number[])[];
  /** Degrees; for images with two axes of space. Default: none. */
  readonly angles?: readonly number[];
  /** What comes in when an image is shifted. Default "circular", which loses nothing. */
  readonly edge?: Edge;
  /** Default `wasm()`. */
  readonly backend?: Backend;
}

/** How far two maps are apart, over some of their units. */
export interface MapDeviation {
  /** Length of the difference by that of the longer of the two: 0 where they are equal, at most 2. */
  readonly relative: number;
  /** The largest difference of one number. */
  readonly largest: number;
  /** Places in space that were compared. */
  readonly units: number;
}

interface Deviations {
  readonly layer: string;
  readonly type: string;
  /** All units. */
  readonly all: MapDeviation;
  /** Units that see neither padding nor what came in at an edge, in both images; undefined where there are none. */
  readonly interior: MapDeviation | undefined;
  /** The others; undefined where there are none. */
  readonly border: MapDeviation | undefined;
}

export interface ShiftDeviation extends Deviations {
  /** Pixels, by axis of space. */
  readonly shift: readonly number[];
  /** Units: the shift divided by the layer's stride, rounded where that is no whole number. */
  readonly outputShift: readonly number[];
  /** Whether it was not rounded: then units of the interior see the same numbers, and must agree exactly. */
  readonly divisible: boolean;
}

export interface RotationDeviation extends Deviations {
  readonly angle: number;
}

/** Plain data. */
export interface Equivariance {
  readonly shifts: readonly ShiftDeviation[];
  readonly rotations: readonly RotationDeviation[];
}

/**
 * For every layer, the map of the shifted image against the map of the image, shifted by as many units as the layer's stride says; and the
 * same for rotations about the middle of the image.
 *
 * What to expect. Stride 1 and circular padding, with circular shifts: exactly 0 everywhere. Padding with zeros: exactly 0 in the interior,
 * not at the border. Stride s: exactly 0 in the interior for shifts by multiples of s (of all strides so far), else not. Max and average
 * pools, relu and everything else that treats all places alike change nothing of this. Rotations: a convolution turns with the image only if
 * its kernels look the same turned; quarter turns are exact, other angles are interpolated (bilinear) in image and map, which errs by itself.
 *
 * `images` are [n, channels, ...space], f32; the deviation is over all of them. In eval mode. Throws an OpError for shifts that are no whole
 * numbers, and for layers that see everything at once.
 */
export async function equivariance(model: Module, images: NdArray, options: EquivarianceOptions = {}): Promise<Equivariance> {
  const op = "equivariance";
  const { angles = [], edge = "circular", backend = wasm() } = options;
  const space = images.shape.slice(2);
  const shifts =
    options.shifts ?? [1, 2, 4, 8].filter((s) => s < space.at(-1)!).map((s) => space.map((_, d) => (d === space.length - 1 ? s : 0)));
  const bad = shifts.find((s) => s.length !== space.length || s.some((by, d) => !Number.isInteger(by) || Math.abs(by) >= space[d]!));
  if (bad)
    throw new OpError(op, `a shift must be whole pixels within ${showShape(space)}, one number for each axis, got ${showShape(bad)}`);
  if (angles.length > 0 && space.length !== 2)
    throw new OpError(op, `rotates images with two axes of space, got ${showShape(images.shape)}`);
  const runner = await layerRunner(op, model, images.shape, options.layers, backend);
  const chosen = [...runner.layers.keys()].filter((i) => isSpatial(runner.layers[i]!, space.length));
  const unfit = options.layers && [...runner.layers.keys()].find((i) => !chosen.includes(i));
  if (unfit !== undefined) throw new OpError(op, `layer "${runner.layers[unfit]!.path}" has no units apart in space. Use invariance`);

  const plain = await runner.run(images);
  const found = { shifts: [] as ShiftDeviation[], rotations: [] as RotationDeviation[] };
  for (const shift of shifts) {
    const values = await runner.run(shifted(images, shift, edge));
    for (const i of chosen) found.shifts.push(shiftDeviation(runner.layers[i]!, shift, space, edge, plain[i]!, values[i]!));
  }
  const middle = space.map((n) => (n - 1) / 2);
  for (const angle of angles) {
    const values = await runner.run(rotated(images, angle, middle, { start: [0, 0], step: [1, 1] }));
    for (const i of chosen) found.rotations.push(rotationDeviation(runner.layers[i]!, angle, space, plain[i]!, values[i]!));
  }
  await runner.close();
  return found;
}

/** Whether the layer's axes of space are the image's. */
const isSpatial = ({ shape, reaches }: RunLayer, rank: number): boolean =>
  shape.length === rank + 2 && reaches.length === rank && reaches.every((r, d) => r?.axis === d + 2 && r.shift !== 0);

function shiftDeviation(
  { path, type, shape, reaches }: RunLayer,
  shift: readonly number[],
  space: readonly number[],
  edge: Edge,
  plain: NdArray,
  values: NdArray,
): ShiftDeviation {
  const units = reaches.map((r, d) => (shift[d]! * r!.period) / r!.shift);
  const outputShift = units.map((u) => Math.round(u) + 0);
  // Units of one phase only are alike.
  const divisible = reaches.every((r, d) => shift[d]! % r!.shift === 0);
  // A unit that sees [first, last] saw what lies `shift` before, unless that came in from elsewhere.
  const isInside = (place: readonly number[]): boolean =>
    reaches.every((r, d) => {
      const [first, last] = endsAt(r!, place[d]!);
      const from = place[d]! - outputShift[d]!;
      const isThere = from >= 0 && from < shape[d + 2]!;
      return isThere && first >= Math.max(0, shift[d]!) && last < space[d]! + Math.min(0, shift[d]!);
    });
  return { layer: path, type, shift, outputShift, divisible, ...deviations(values, shifted(plain, outputShift, edge), isInside) };
}

function rotationDeviation(
  { path, type, reaches }: RunLayer,
  angle: number,
  space: readonly number[],
  plain: NdArray,
  values: NdArray,
): RotationDeviation {
  const middle = space.map((n) => (n - 1) / 2);
  const grid = { start: reaches.map((r) => centerOf(r!)), step: reaches.map((r) => r!.shift / r!.period) };
  const turned = rotated(plain, angle, middle, grid);
  const radius = Math.min(...middle);
  const slack = angle % 90 === 0 ? 0 : Math.hypot(...grid.step);
  // A field within the disc that the image holds stays within it.
  const isInside = (place: readonly number[]): boolean => {
    const far = reaches.map((r, d) => Math.max(...endsAt(r!, place[d]!).map((end) => Math.abs(end - middle[d]!))));
    return Math.hypot(...far) + slack <= radius;
  };
  return { layer: path, type, angle, ...deviations(values, turned, isInside) };
}

/** Where the first unit would lie by the mean of a period. */
const centerOf = (r: Reach): number => r.first.reduce((sum, a, i) => sum + (a + r.last[i]!) / 2 - (i * r.shift) / r.period, 0) / r.period;

/** Both maps [n, channels, ...space] compared: over all places, over those inside, over the rest. */
function deviations(
  a: NdArray,
  b: NdArray,
  isInside: (place: readonly number[]) => boolean,
): Pick<Deviations, "all" | "interior" | "border"> {
  const space = a.shape.slice(2);
  const size = space.reduce((n, e) => n * e, 1);
  const inside = Uint8Array.from({ length: size }, (_, i) => {
    let rest = i;
    const place = space.map((_, d) => {
      const stride = space.slice(d + 1).reduce((n, e) => n * e, 1);
      const at = Math.floor(rest / stride);
      rest -= at * stride;
      return at;
    });
    return isInside(place) ? 1 : 0;
  });
  const over = (counts: (i: number) => boolean): MapDeviation => {
    let [difference, left, right, largest, units] = [0, 0, 0, 0, 0];
    for (let i = 0; i < size; i++) if (counts(i)) units++;
    for (let i = 0; i < a.data.length; i++) {
      if (!counts(i % size)) continue;
      const [x, y] = [a.data[i]!, b.data[i]!];
      difference += (x - y) ** 2;
      left += x * x;
      right += y * y;
      largest = Math.max(largest, Math.abs(x - y));
    }
    const longer = Math.max(left, right);
    return { relative: longer === 0 ? 0 : Math.sqrt(difference / longer), largest, units };
  };
  const some = (d: MapDeviation): MapDeviation | undefined => (d.units > 0 ? d : undefined);
  return { all: over(() => true), interior: some(over((i) => inside[i] === 1)), border: some(over((i) => inside[i] === 0)) };
}
