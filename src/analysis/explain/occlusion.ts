import { NdArray } from "../../base/ndarray.ts";
import { OpError } from "../../ir/op.ts";
import type { Module } from "../../nn/module.ts";
import { pick } from "../../ops/pick.ts";
import { softmax } from "../../ops/softmax.ts";
import { compile } from "../../runtime/compile.ts";
import { tracedLayers } from "../tracedLayers.ts";
import { checkImages } from "./checkImages.ts";
import { checkSteps } from "./checkSteps.ts";
import { classScores, type Target, targetsOf } from "./classScores.ts";
import { backendOf, type ExplainOptions } from "./explainOptions.ts";

export interface OcclusionOptions extends ExplainOptions {
  /** Rows and columns of the square that hides a part of the image. Default: a fifth of the smaller side. */
  readonly size?: number;
  /** Pixels from one place of the square to the next; at most `size`, so that every pixel is hidden at some time. Default: half of `size`. */
  readonly stride?: number;
  /** What is put in its place: one number, or one for each channel. Default 0, the mean pixel of normalised images. */
  readonly fill?: number | readonly number[];
  /** What drops: the network's output for the class, or its probability after softmax (as in the paper). Default "score". */
  readonly measure?: "score" | "probability";
  /** Images in one run. Default 32. */
  readonly batchSize?: number;
}

/** What hiding parts of images does to the score of a class. */
export interface Occlusion {
  /** [n, rows, columns]: how much the score drops if the square lies there. Below 0 it rises. */
  readonly drops: NdArray<"f32">;
  /** [n, height, width]: the mean drop over all squares that hide the pixel. */
  readonly map: NdArray<"f32">;
  /** The score of each whole image, [n]. */
  readonly scores: NdArray<"f32">;
  readonly size: number;
  readonly stride: number;
}

/**
 * Slides a square over x [n, channels, height, width] and looks how much the class's score drops. It costs a forward pass for each place;
 * squares at the last edges are cut off there.
 *
 * Zeiler, Fergus, "Visualizing and understanding convolutional networks", 2014.
 */
export async function occlusion(model: Module, x: NdArray, target: Target, options: OcclusionOptions = {}): Promise<Occlusion> {
  checkImages("occlusion", x, 2);
  const [n, channels, height, width] = x.shape as readonly [number, number, number, number];
  const { size = Math.max(1, Math.round(Math.min(height, width) / 5)), measure = "score", batchSize = 32 } = options;
  const stride = options.stride ?? Math.max(1, Math.floor(size / 2));
  for (const [what, value] of Object.entries({ size, stride, batchSize })) checkSteps("occlusion", what, value);
  if (stride > size)
    throw new OpError("occlusion", `stride must be at most size, ${size}, got ${stride}. Some pixels would never be hidden`);
  const fill = fillOf(options.fill ?? 0, channels);
  const [rows, columns] = [places(height, size, stride), places(width, size, stride)];

  const scoreAll = await scorer(model, [Math.min(batchSize, rows * columns), channels, height, width], target, n, measure, options);
  try {
    const drops = new NdArray("f32", [n, rows, columns]);
    const scores = new NdArray("f32", [n]);
    const pixels = x.data.length / n;
    for (let i = 0; i < n; i++) {
      const image = x.data.subarray(i * pixels, (i + 1) * pixels);
      scores.data[i] = (await scoreAll.run(i, 1, (_, copy) => copy.set(image)))[0]!;
      const hidden = await scoreAll.run(i, rows * columns, (at, copy) => {
        copy.set(image);
        const square = squareAt(at, columns, { size, stride, height, width });
        for (let c = 0; c < channels; c++) {
          for (let y = square.top; y < square.bottom; y++) {
            copy.fill(fill[c]!, (c * height + y) * width + square.left, (c * height + y) * width + square.right);
          }
        }
      });
      hidden.forEach((score, at) => (drops.data[i * rows * columns + at] = scores.data[i]! - score));
    }
    return { drops, map: spread(drops, { size, stride, height, width }), scores, size, stride };
  } finally {
    await scoreAll.close();
  }
}

/** Places of a square along an axis. */
const places = (extent: number, size: number, stride: number): number => Math.max(0, Math.ceil((extent - size) / stride)) + 1;

interface Grid {
  readonly size: number;
  readonly stride: number;
  readonly height: number;
  readonly width: number;
}

/** The pixels that the square at a place hides, cut off at the image's edges. */
function squareAt(place: number, columns: number, { size, stride, height, width }: Grid) {
  const [top, left] = [Math.floor(place / columns) * stride, (place % columns) * stride];
  return { top, left, bottom: Math.min(top + size, height), right: Math.min(left + size, width) };
}

/** Drops [n, rows, columns] to pixels: the mean over all squares that cover each. */
function spread(drops: NdArray<"f32">, grid: Grid): NdArray<"f32"> {
  const [n = 0, rows = 0, columns = 0] = drops.shape;
  const { height, width } = grid;
  const map = new NdArray("f32", [n, height, width]);
  for (let i = 0; i < n; i++) {
    const sums = new Float64Array(height * width);
    const counts = new Int32Array(height * width);
    for (let place = 0; place < rows * columns; place++) {
      const { top, left, bottom, right } = squareAt(place, columns, grid);
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          sums[y * width + x]! += drops.data[i * rows * columns + place]!;
          counts[y * width + x]!++;
        }
      }
    }
    sums.forEach((sum, p) => (map.data[i * height * width + p] = sum / counts[p]!));
  }
  return map;
}

function fillOf(fill: number | readonly number[], channels: number): readonly number[] {
  const all = typeof fill === "number" ? Array<number>(channels).fill(fill) : fill;
  if (all.length !== channels)
    throw new OpError("occlusion", `fill must be one number, or one for each of ${channels} channels, got ${all.length}`);
  return all;
}

/** Scores of changed copies of image `i`, as many as asked, in batches of one program. */
interface Scorer {
  run(i: number, count: number, paint: (at: number, copy: Float32Array) => void): Promise<Float32Array>;
  close(): Promise<void>;
}

async function scorer(
  model: Module,
  shape: readonly [number, number, number, number],
  target: Target,
  images: number,
  measure: "score" | "probability",
  options: ExplainOptions,
): Promise<Scorer> {
  const [batch] = shape;
  let targets: Int32Array = new Int32Array();
  const program = await compile(backendOf(options), { x: shape, targets: { shape: [batch], dtype: "i32" } }, ({ x, targets: at }) => {
    const scores = classScores("occlusion", tracedLayers(model, x).result, batch);
    targets = targetsOf("occlusion", target, [images, scores.shape[1]!]);
    return pick(measure === "probability" ? softmax(scores, 1) : scores, at, 1);
  });
  const x = new NdArray("f32", shape);
  const size = x.data.length / batch;
  return {
    async run(i, count, paint) {
      const found = new Float32Array(count);
      for (let from = 0; from < count; from += batch) {
        const some = Math.min(batch, count - from);
        // A last batch that is not full has copies of the batch before in it, whose scores nobody reads.
        for (let at = 0; at < some; at++) paint(from + at, x.data.subarray(at * size, (at + 1) * size));
        const { output } = await program.run({ x, targets: new Int32Array(batch).fill(targets[i]!) });
        found.set(output.data.subarray(0, some), from);
      }
      return found;
    },
    close: () => program.close(),
  };
}
