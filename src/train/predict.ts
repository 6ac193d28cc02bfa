import { NdArray } from "../base/ndarray.ts";
import { showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Module } from "../nn/module.ts";
import { argmax } from "../ops/argmax.ts";
import { softmax } from "../ops/softmax.ts";
import { compile } from "../runtime/compile.ts";
import { backendOf, type RunsOn } from "./backend.ts";
import { type BatchSize, batchwise, pixelsOf } from "./batchwise.ts";
import { classify, normalize, type Pixels } from "./classify.ts";

/** The statistics of the pixels that the network was trained on, and how to run it. */
export interface PredictOptions extends Pixels, RunsOn, BatchSize {}

/** What a network says about images. */
export interface Prediction {
  /** The class with the largest probability, for each image. */
  readonly classes: Int32Array;
  /** [images, classes]; each row sums to 1. */
  readonly probabilities: NdArray<"f32">;
}

/** Classes and probabilities of images as they are stored, u8 [n, c, h, w]. */
export async function predict(model: Module, images: NdArray<"u8">, options: PredictOptions): Promise<Prediction> {
  const [n = 0, ...imageShape] = images.shape;
  if (imageShape.length !== 3 || n === 0) throw new OpError("predict", `images must be [n, c, h, w], got ${showShape(images.shape)}`);
  const programs = batchwise(options, (size) =>
    compile(backendOf(options), { images: { shape: [size, ...imageShape], dtype: "u8" } }, (batch) => {
      const scores = classify(model, normalize(batch.images, options));
      return { classes: argmax(scores, 1), probabilities: softmax(scores, 1) };
    }),
  );
  const found: { readonly classes: NdArray; readonly probabilities: NdArray }[] = [];
  try {
    await programs.each(n, async (program, from, to) => void found.push(await program.run({ images: pixelsOf(images, from, to) })));
  } finally {
    await programs.close();
  }
  const classes = found[0]!.probabilities.shape[1]!;
  return {
    classes: Int32Array.from(found.flatMap((batch) => [...batch.classes.data])),
    probabilities: new NdArray("f32", [n, classes], Float32Array.from(found.flatMap((batch) => [...batch.probabilities.data]))),
  };
}
