/** What `fovea explain` looks at: a saved network and an image. */
import type { Backend } from "../../backend/backend.ts";
import { NdArray } from "../../base/ndarray.ts";
import { countOf, type Dataset, slice } from "../../data/dataset.ts";
import { readImage } from "../../data/image.ts";
import type { Module } from "../../nn/module.ts";
import { compile } from "../../runtime/compile.ts";
import { normalize, type Pixels, readRun } from "../../train/node.ts";
import { loadShown } from "../data.ts";
import { Failure, UsageError } from "../failure.ts";
import { type Kind, restore } from "../network.ts";
import { DATA_HELP } from "../options.ts";
import type { Terminal } from "../terminal.ts";

export interface SubjectOptions {
  readonly image?: string;
  readonly data?: string;
  readonly index?: number;
  readonly model?: string;
}

/** A network with its weights in it, and one image. */
export interface Subject extends Kind, Pixels {
  readonly model: Module;
  /** Name in the zoo. */
  readonly name: string;
  /** File of the weights. */
  readonly weights: string;
  /** As it is stored, [1, c, h, w]. */
  readonly image: NdArray<"u8">;
  /** A file, or a place in a data set. */
  readonly imageName: string;
  /** Index of the image's class, where it is known. */
  readonly trueClass?: number;
}

/** The network of a run or a weights file, and the image that the options name: by default the first one of the run's test set. */
export async function subjectOf(terminal: Terminal, path: string, options: SubjectOptions): Promise<Subject> {
  if (options.image !== undefined && options.index !== undefined)
    throw new UsageError(`--index is for a data set, and --image is given. Take one of them, got --index ${options.index}`);
  const saved = await readRun(path);
  const { config } = saved;
  // A run says itself what its images are: for a picture from a file no data set is needed.
  const source = options.data ?? (options.image !== undefined && config ? undefined : config?.data.source);
  if (source === undefined && !config) throw new UsageError(`--data must say what the network of ${path} is for: ${DATA_HELP}`);
  const data = source === undefined ? undefined : (await loadShown(source, terminal)).test;
  const kind: Kind & Pixels = config?.data ?? data!;
  const { model, name } = restore(saved, options.model, data ?? kind);
  const { classes, imageShape, mean, std } = kind;
  const subject = { model: model as Module, name, weights: saved.file, classes, imageShape, mean, std };
  if (options.image !== undefined) return { ...subject, ...(await pictureOf(options.image, kind)) };
  return { ...subject, ...imageOf(data!, options.index ?? 0) };
}

async function pictureOf(file: string, { imageShape: [channels, height, width] }: Kind): Promise<Pick<Subject, "image" | "imageName">> {
  if (channels !== 1 && channels !== 3) throw new Failure(`${file}: pictures have 1 channel or 3, but the network takes ${channels}`);
  const { data } = await readImage(file, { channels, height, width });
  return { image: new NdArray("u8", [1, channels, height, width], data), imageName: file };
}

function imageOf(data: Dataset, index: number): Pick<Subject, "image" | "imageName" | "trueClass"> {
  const most = countOf(data) - 1;
  if (index > most) throw new UsageError(`--index must be 0 to ${most}, of ${data.name}, got ${index}`);
  const one = slice(data, index, index + 1);
  return { image: one.images, imageName: `image ${index} of ${data.name}`, trueClass: one.labels.data[0]! };
}

/** The image as the network takes it, f32 [1, c, h, w]. */
export async function normalized({ image, mean, std }: Subject, backend: Backend): Promise<NdArray<"f32">> {
  const program = await compile(backend, { image: { shape: image.shape, dtype: "u8" } }, (inputs) =>
    normalize(inputs.image, { mean, std }),
  );
  const { output } = await program.run({ image });
  await program.close();
  return output as NdArray<"f32">;
}

/** A stored pixel, 0 to 255, as the network takes it in each channel. */
export const pixelTaken = ({ mean, std }: Pixels, pixel: (channel: number) => number): readonly number[] =>
  mean.map((m, c) => (pixel(c) / 255 - m) / std[c]!);

/** The image's ground: per channel the median of its border. */
export function groundOf({ image }: Subject): readonly number[] {
  const [, channels = 0, height = 0, width = 0] = image.shape;
  return Array.from({ length: channels }, (_, c) => {
    const border: number[] = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (y === 0 || x === 0 || y === height - 1 || x === width - 1) border.push(image.data[(c * height + y) * width + x]!);
      }
    }
    return border.sort((a, b) => a - b)[border.length >> 1]!;
  });
}
