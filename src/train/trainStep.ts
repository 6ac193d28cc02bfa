import { grad } from "../autodiff/grad.ts";
import type { Backend } from "../backend/backend.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Tensor } from "../ir/tensor.ts";
import { withAuxiliaries } from "../ir/trace.ts";
import type { Module } from "../nn/module.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { compile } from "../runtime/compile.ts";
import type { Program } from "../runtime/program.ts";
import { lossWithAuxiliaries } from "./auxiliaryLoss.ts";
import { classify, countCorrect, normalize } from "./classify.ts";
import type { Loss } from "./evaluate.ts";

/** What one step of training takes: images as they are stored, their classes, the learning rate, and `momentum` where that changes. */
export interface StepInputs extends Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype: "u8" | "i32" | "f32" }>> {
  readonly images: { readonly shape: readonly number[]; readonly dtype: "u8" };
  readonly labels: { readonly shape: readonly number[]; readonly dtype: "i32" };
  readonly lr: { readonly shape: readonly []; readonly dtype: "f32" };
}

/** What it gives: the loss, auxiliary heads' included, and how many images were right before the step. Both scalars. */
export interface StepOutputs extends Readonly<Record<string, Tensor>> {
  readonly loss: Tensor;
  readonly correct: Tensor;
}

/**
 * One program for a whole step: normalise, forward, loss (with those of auxiliary heads), gradients, update. All that fit does with
 * `compile`. With `changingMomentum` the momentum is an input as well, a scalar like lr.
 */
export function compileStep(
  backend: Backend,
  model: Module,
  data: Pick<Dataset, "imageShape" | "classes" | "mean" | "std">,
  loss: Loss,
  optimizer: Optimizer,
  batchSize: number,
  changingMomentum = false,
): Promise<Program<StepInputs, StepOutputs>> {
  const inputs: StepInputs = {
    images: { shape: [batchSize, ...data.imageShape], dtype: "u8" },
    labels: { shape: [batchSize], dtype: "i32" },
    lr: { shape: [], dtype: "f32" },
    ...(changingMomentum && { momentum: { shape: [], dtype: "f32" } }),
  };
  const parameters = model.parameters();
  return compile(
    backend,
    inputs,
    ({ images, labels, lr, momentum }) => {
      const traced = withAuxiliaries(() => classify(model, normalize(images, data), data.classes.length));
      const scores = traced.result;
      const value = lossWithAuxiliaries(scores, traced.auxiliaries, labels, loss);
      const gradients = grad(
        value,
        parameters.map((p) => p.tensor),
      );
      optimizer.step(parameters, gradients, lr, momentum);
      return { loss: value, correct: countCorrect(scores, labels) };
    },
    { mode: "train" },
  );
}
