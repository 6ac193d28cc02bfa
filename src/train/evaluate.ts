import { NdArray } from "../base/ndarray.ts";
import { checkDataset, countOf, type Dataset, type ImageShape } from "../data/dataset.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { BadClassifier } from "../nn/network.ts";
import type { Unless } from "../nn/shapes/message.ts";
import { argmax } from "../ops/argmax.ts";
import { crossEntropy } from "../ops/crossEntropy.ts";
import { compile } from "../runtime/compile.ts";
import { backendOf, type RunsOn } from "./backend.ts";
import { type BatchSize, batchwise, pixelsOf } from "./batchwise.ts";
import { classify, normalize } from "./classify.ts";

/** A scalar from scores [n, classes] and labels [n]: the mean over the batch, as evaluation assumes. */
export type Loss = (scores: Tensor, labels: Tensor) => Tensor;

/** A data set that network M can sort, or the message that says why it cannot. */
export type DataFor<M, S extends ImageShape, K extends number> = Unless<BadClassifier<M, S, K>, Dataset<S, K>>;

/** How well a network does on a data set. */
export interface Evaluation {
  /** Mean over all images. */
  readonly loss: number;
  /** Share of images whose own class has the largest score, 0 to 1. */
  readonly accuracy: number;
  /** Number of these images. */
  readonly correct: number;
  /** The class with the largest score, for each image. */
  readonly predictions: Int32Array;
  /** [classes, classes]: how many images of the row's class were taken for the column's. */
  readonly confusion: NdArray<"i32">;
  readonly seconds: number;
}

export interface EvaluateOptions extends RunsOn, BatchSize {
  /** Default: crossEntropy. */
  readonly loss?: Loss;
  /** Called after each batch. */
  readonly onBatch?: (done: number, images: number) => void;
}

/** Loss, accuracy and confusion matrix of the network on a data set. */
export async function evaluate<M extends Module, const S extends ImageShape, const K extends number>(
  model: M,
  dataset: DataFor<M, S, K>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const evaluator = evaluatorOf(model, dataset as Dataset, options);
  try {
    return await evaluator.run();
  } finally {
    await evaluator.close();
  }
}

/** Evaluates a network on one data set, as often as asked, with programs that are compiled once. */
export interface Evaluator {
  run(): Promise<Evaluation>;
  close(): Promise<void>;
}

/** Makes an evaluator; nothing is compiled before its first run. */
export function evaluatorOf(model: Module, dataset: Dataset, options: EvaluateOptions): Evaluator {
  checkDataset(dataset);
  const { loss = crossEntropy, onBatch } = options;
  const { images, labels, classes, imageShape } = dataset;
  const programs = batchwise(options, (n) =>
    compile(backendOf(options), { images: { shape: [n, ...imageShape], dtype: "u8" }, labels: { shape: [n], dtype: "i32" } }, (batch) => {
      const scores = classify(model, normalize(batch.images, dataset), classes.length);
      return { loss: loss(scores, batch.labels), predictions: argmax(scores, 1) };
    }),
  );
  const run = async (): Promise<Evaluation> => {
    const start = performance.now();
    const n = countOf(dataset);
    const predictions = new Int32Array(n);
    let sum = 0;
    await programs.each(n, async (program, from, to) => {
      const result = await program.run({ images: pixelsOf(images, from, to), labels: labels.data.subarray(from, to) });
      predictions.set(result.predictions.data, from);
      sum += result.loss.item() * (to - from);
      onBatch?.(to, n);
    });
    const correct = predictions.reduce((count, predicted, i) => count + Number(predicted === labels.data[i]), 0);
    const confusion = confusionMatrix(labels.data, predictions, classes.length);
    return { loss: sum / n, accuracy: correct / n, correct, predictions, confusion, seconds: (performance.now() - start) / 1000 };
  };
  return { run, close: programs.close };
}

/** [classes, classes]: how many images of class (row) were taken for class (column). */
function confusionMatrix(labels: ArrayLike<number>, predictions: ArrayLike<number>, classes: number): NdArray<"i32"> {
  const confusion = new NdArray("i32", [classes, classes]);
  for (let i = 0; i < labels.length; i++) confusion.data[labels[i]! * classes + predictions[i]!]!++;
  return confusion;
}
