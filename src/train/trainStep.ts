import { grad } from "../autodiff/grad.ts";
import type { Backend } from "../backend/backend.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { compile } from "../runtime/compile.ts";
import type { Program } from "../runtime/program.ts";
import { classify, countCorrect, normalize } from "./classify.ts";
import type { Loss } from "./evaluate.ts";

/** What one step of training takes: images as they are stored, their classes, and the learning rate. */
export interface StepInputs extends Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype: "u8" | "i32" | "f32" }>> {
  readonly images: { readonly shape: readonly number[]; readonly dtype: "u8" };
  readonly labels: { readonly shape: readonly number[]; readonly dtype: "i32" };
  readonly lr: { readonly shape: readonly []; readonly dtype: "f32" };
}

/** What it gives: the loss, and how many images were right before the step. Both scalars. */
export interface StepOutputs extends Readonly<Record<string, Tensor>> {
  readonly loss: Tensor;
  readonly correct: Tensor;
}

/** One program for a whole step: normalise, forward, loss, gradients, update. All that fit does with `compile`. */
export function compileStep(
  backend: Backend,
  model: Module,
  data: Pick<Dataset, "imageShape" | "classes" | "mean" | "std">,
  loss: Loss,
  optimizer: Optimizer,
  batchSize: number,
): Promise<Program<StepInputs, StepOutputs>> {
  const inputs: StepInputs = {
    images: { shape: [batchSize, ...data.imageShape], dtype: "u8" },
    labels: { shape: [batchSize], dtype: "i32" },
    lr: { shape: [], dtype: "f32" },
  };
  const parameters = model.parameters();
  return compile(
    backend,
    inputs,
    ({ images, labels, lr }) => {
      const scores = classify(model, normalize(images, data), data.classes.length);
      const value = loss(scores, labels);
      const gradients = grad(
        value,
        parameters.map((p) => p.tensor),
      );
      optimizer.step(parameters, gradients, lr);
      return { loss: value, correct: countCorrect(scores, labels) };
    },
    { mode: "train" },
  );
}
