/** How much every layer's values change when the image moves a little. */
import type { Backend } from "../../backend/backend.ts";
import type { NdArray } from "../../base/ndarray.ts";
import { showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import type { Module } from "../../nn/module.ts";
import { wasm } from "../../runtime/wasm.ts";
import { layerRunner } from "./layerRunner.ts";
import { type Edge, rotated, shifted } from "./moved.ts";

export interface InvarianceOptions {
  /** Paths of layers. Default: all. */
  readonly layers?: readonly string[];
  /** Distances in whole pixels. Default 0 to 8, as far as the image goes. */
  readonly shifts?: readonly number[];
  /** Pixels by axis of space for a distance of 1. Default: along the last axis. */
  readonly direction?: readonly number[];
  /** Degrees; for images with two axes of space. Default 0 to 45 in steps of 5, if there are two. */
  readonly angles?: readonly number[];
  /** What comes in when an image is shifted. Default "zeros", as for an object on a dark ground. */
  readonly edge?: Edge;
  /** Default `wasm()`. */
  readonly backend?: Backend;
}

/** One point of a curve; means over the images. */
export interface InvariancePoint {
  /** Pixels, or degrees. */
  readonly amount: number;
  /** Length of the change by that of the longer of the two outputs: 0 where nothing changes, at most 2. */
  readonly distance: number;
  /** Cosine of the angle between the two outputs as vectors: 1 where their direction is the same. */
  readonly cosine: number;
}

/** The curves of one layer. */
export interface LayerInvariance {
  readonly layer: string;
  readonly type: string;
  readonly shifts: readonly InvariancePoint[];
  readonly rotations: readonly InvariancePoint[];
}

/**
 * For every layer, how far its output for a moved image is from that for the image itself, over distance and over angle. A layer that is
 * only equivariant changes as much as the image does; pools make the change less, and scores hardly change if the network is invariant.
 *
 * `images` are [n, channels, ...space], f32. In eval mode. Rotations are about the middle, bilinear, with zeros beyond the corners. Throws
 * an OpError for shifts that are no whole pixels, or reach across the image.
 */
export async function invariance(model: Module, images: NdArray, options: InvarianceOptions = {}): Promise<LayerInvariance[]> {
  const op = "invariance";
  const space = images.shape.slice(2);
  const { edge = "zeros", backend = wasm(), direction = space.map((_, d) => (d === space.length - 1 ? 1 : 0)) } = options;
  const isPlane = space.length === 2;
  const { angles = isPlane ? [0, 5, 10, 15, 20, 25, 30, 35, 40, 45] : [] } = options;
  const fits = (by: number): boolean => direction.every((d, i) => Number.isInteger(d * by) && Math.abs(d * by) < space[i]!);
  const { shifts = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter(fits) } = options;
  if (direction.length !== space.length) throw new OpError(op, `direction needs ${space.length} numbers, got ${showShape(direction)}`);
  const bad = shifts.find((by) => !fits(by));
  if (bad !== undefined) throw new OpError(op, `a shift must be whole pixels within ${showShape(space)}, got ${bad}`);
  if (angles.length > 0 && !isPlane) throw new OpError(op, `rotates images with two axes of space, got ${showShape(images.shape)}`);

  const runner = await layerRunner(op, model, images.shape, options.layers, backend);
  const plain = await runner.run(images);
  const curve = async (amounts: readonly number[], moved: (amount: number) => NdArray): Promise<InvariancePoint[][]> => {
    const points: InvariancePoint[][] = runner.layers.map(() => []);
    for (const amount of amounts) {
      const values = await runner.run(moved(amount));
      points.forEach((own, i) => void own.push({ amount, ...change(plain[i]!, values[i]!) }));
    }
    return points;
  };
  const middle = space.map((n) => (n - 1) / 2);
  const byShift = await curve(shifts, (by) =>
    shifted(
      images,
      direction.map((d) => d * by),
      edge,
    ),
  );
  const byAngle = await curve(angles, (angle) => rotated(images, angle, middle, { start: [0, 0], step: [1, 1] }));
  await runner.close();
  return runner.layers.map(({ path, type }, i) => ({ layer: path, type, shifts: byShift[i]!, rotations: byAngle[i]! }));
}

/** Means over the batch. */
function change(a: NdArray, b: NdArray): Omit<InvariancePoint, "amount"> {
  const images = a.shape[0]!;
  const size = a.data.length / images;
  let [distance, cosine] = [0, 0];
  for (let n = 0; n < images; n++) {
    let [difference, left, right, both] = [0, 0, 0, 0];
    for (let i = n * size; i < (n + 1) * size; i++) {
      const [x, y] = [a.data[i]!, b.data[i]!];
      difference += (x - y) ** 2;
      left += x * x;
      right += y * y;
      both += x * y;
    }
    const longer = Math.max(left, right);
    distance += longer === 0 ? 0 : Math.sqrt(difference / longer);
    // Nothing has no direction: two of it are the same, one of it is like nothing else.
    if (left === 0 || right === 0) cosine += longer === 0 ? 1 : 0;
    else cosine += both / Math.sqrt(left * right);
  }
  return { distance: distance / images, cosine: cosine / images };
}
