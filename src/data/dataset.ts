import { NdArray } from "../base/ndarray.ts";
import { type Shape, sameShape, showShape } from "../base/shape.ts";
import { DataError } from "./dataError.ts";

/** Shape of one image, channels first. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** Labelled images as they are stored: one byte per pixel and channel. `S` is the shape of one image, `K` the number of classes. */
export interface Dataset<S extends ImageShape = ImageShape, K extends number = number> {
  /** Says in messages which data this is: `mnist train`. */
  readonly name: string;
  /** [n, c, h, w], pixels 0 to 255. */
  readonly images: NdArray<"u8">;
  /** [n], each an index into `classes`. */
  readonly labels: NdArray<"i32">;
  readonly classes: readonly string[] & { readonly length: K };
  /** [c, h, w] of every image. */
  readonly imageShape: S;
  /** Per channel, of the training set's pixels in 0..1: test images are normalised by the same numbers. */
  readonly mean: readonly number[];
  /** Per channel, of the training set's pixels in 0..1. */
  readonly std: readonly number[];
}

/** Both parts of a data set. */
export interface Split<S extends ImageShape = ImageShape, K extends number = number> {
  readonly train: Dataset<S, K>;
  readonly test: Dataset<S, K>;
}

/** Number of images. */
export const countOf = (dataset: Dataset): number => dataset.labels.shape[0] ?? 0;

/**
 * Gives the data set back if it is whole: [n, c, h, w] images, one label in range per image, statistics per channel.
 *
 * Throws DataError. `files` names in its message where the images and labels came from (default: the data set's name).
 */
export function checkDataset<D extends Dataset>(dataset: D, files?: { readonly images: string; readonly labels: string }): D {
  const { name, images, labels, classes, imageShape, mean, std } = dataset;
  const imageFile = files?.images ?? name;
  const labelFile = files?.labels ?? name;
  if (!sameShape(images.shape.slice(1), imageShape)) {
    throw new DataError(
      "shape",
      `${imageFile}: images must be [n, ${imageShape.join(", ")}], got ${showShape(images.shape)}. Reshape them.`,
    );
  }
  const [n = 0, channels = 0] = images.shape;
  if (!sameShape(labels.shape, [n])) {
    throw new DataError(
      "count",
      `${labelFile}: ${n} images in ${imageFile} need ${n} labels, got ${showShape(labels.shape)}. Take both from the same part of the data set.`,
    );
  }
  for (const [what, values] of [["mean", mean] as const, ["std", std] as const]) {
    const wrong = values.length !== channels || values.some((v) => !Number.isFinite(v) || (what === "std" && v <= 0));
    if (wrong) {
      const kind = what === "std" ? "positive numbers" : "numbers";
      throw new DataError(
        "shape",
        `${name}: ${what} must be ${kind}, one for each of ${channels} channels, got ${showShape(values)}. Take them from channelStatistics.`,
      );
    }
  }
  checkLabels(labels.data, classes.length, labelFile);
  return dataset;
}

/** Throws a DataError for the first label outside 0 .. classes - 1. */
export function checkLabels(labels: ArrayLike<number>, classes: number, file: string): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label >= 0 && label < classes) continue;
    throw new DataError(
      "label",
      `${file}: the label of image ${i} must be 0 to ${classes - 1}, got ${label}. The file is damaged or belongs to another data set.`,
    );
  }
}

/** Images `from` up to but without `to` (default: to the end). The result shares memory with `dataset`. */
export function slice<D extends Dataset>(dataset: D, from: number, to: number = countOf(dataset)): D {
  const n = countOf(dataset);
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > n || from > to) {
    throw new DataError("shape", `${dataset.name}: slice must lie within 0 to ${n}, got ${from} to ${to}. Ask for fewer images.`);
  }
  const size = dataset.images.data.length / (n || 1);
  return {
    ...dataset,
    images: new NdArray("u8", [to - from, ...dataset.imageShape] satisfies Shape, dataset.images.data.subarray(from * size, to * size)),
    labels: new NdArray("i32", [to - from], dataset.labels.data.subarray(from, to)),
  };
}

/** Mean and standard deviation per channel of [n, c, h, w] pixels scaled to 0..1: exact integer sums, one rounding each at the end. */
export function channelStatistics(images: NdArray<"u8">): { readonly mean: readonly number[]; readonly std: readonly number[] } {
  const [n = 0, channels = 0, height = 0, width = 0] = images.shape;
  const plane = height * width;
  const mean: number[] = [];
  const std: number[] = [];
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const start = (i * channels + c) * plane;
      for (let p = start; p < start + plane; p++) {
        const v = images.data[p]!;
        sum += v;
        squares += v * v;
      }
    }
    const count = n * plane;
    mean.push(sum / count / 255);
    std.push(Math.sqrt(squares / count - (sum / count) * (sum / count)) / 255);
  }
  return { mean, std };
}
