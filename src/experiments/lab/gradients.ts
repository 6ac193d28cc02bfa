import { gradientNorms } from "../../analysis/gradientNorms.ts";
import { f32 } from "../../base/ndarray.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Module } from "../../nn/module.ts";
import type { Lab } from "./lab.ts";

/**
 * Euclidean norm of the training loss's gradient by each parameter, by its name, over all of these images as one batch. The loss is that of
 * training: cross-entropy, and those of auxiliary heads with their weights.
 */
export async function gradientsOf(lab: Lab, model: Module, data: Dataset): Promise<ReadonlyMap<string, number>> {
  const { mean, std, images, labels, imageShape } = data;
  const plane = imageShape[1] * imageShape[2];
  const normalised = Float32Array.from(images.data, (pixel, i) => {
    const channel = Math.floor(i / plane) % imageShape[0];
    return (pixel / 255 - mean[channel]!) / std[channel]!;
  });
  const { parameters } = await gradientNorms(model, { images: f32(images.shape, normalised), labels }, { backend: lab.backend });
  return new Map(parameters.map(({ name, norm }) => [name, norm]));
}
