/** The parts of the graph that training, evaluation and prediction share. */
import { f32 } from "../base/ndarray.ts";
import type { Dataset } from "../data/dataset.ts";
import { OpError } from "../ir/op.ts";
import { constant, Tensor } from "../ir/tensor.ts";
import { withPath } from "../ir/trace.ts";
import { forwardFrom } from "../nn/forwardFrom.ts";
import type { Module } from "../nn/module.ts";
import { show } from "../nn/shapes/message.ts";
import { argmax } from "../ops/argmax.ts";
import { mul, sub } from "../ops/arithmetic.ts";
import { select } from "../ops/select.ts";
import { sum } from "../ops/sum.ts";
import { toFloat } from "../ops/toFloat.ts";

/** What a network must know of its images: one mean and deviation per channel, of pixels in 0..1. */
export type Pixels = Pick<Dataset, "mean" | "std">;

/** Images as they are stored, u8 [n, c, h, w], as networks take them: (x / 255 - mean) / std. */
export function normalize(images: Tensor, { mean, std }: Pixels): Tensor {
  const perChannel = (value: (m: number, s: number) => number): Tensor =>
    constant(
      f32(
        [1, mean.length, 1, 1],
        mean.map((m, c) => value(m, std[c]!)),
      ),
    );
  // One product and one difference per pixel: the constants take the divisions.
  const scaled = mul(
    toFloat(images),
    perChannel((_, s) => 1 / (255 * s)),
  );
  return sub(
    scaled,
    perChannel((m, s) => m / s),
  );
}

/** Scores [n, classes] of normalised images. Throws an OpError where the network gives something else, in the words of the types. */
export function classify(model: Module, x: Tensor, classes?: number): Tensor {
  const scores = forwardFrom(model, x);
  if (!(scores instanceof Tensor)) throw new OpError("", `the network must give one tensor of scores, got ${typeof scores}`);
  const [, own] = scores.shape;
  const perClass = scores.shape.length === 2 && scores.shape[0] === x.shape[0];
  if (perClass && (classes === undefined || own === classes)) return scores;
  // At the layer that gave them: there is where the number stands.
  throw withPath(scores.path, () => {
    if (perClass) return new OpError("", `the network has ${own} outputs, but the data has ${classes} classes`);
    return new OpError("", `the network gives ${show(scores.shape)}, not one score for each of ${classes ?? "its"} classes`);
  });
}

/** How many of the scores [n, classes] are largest at their label, as a scalar. */
export const countCorrect = (scores: Tensor, labels: Tensor): Tensor =>
  sum(select("eq", toFloat(argmax(scores, 1)), toFloat(labels), 1, 0));
