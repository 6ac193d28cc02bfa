import { NdArray } from "../../base/ndarray.ts";
import { RandomStream } from "../../base/random.ts";
import { OpError } from "../../ir/op.ts";
import { normalInit } from "../../nn/init.ts";
import type { Module } from "../../nn/module.ts";
import { type Attribution, overChannels } from "./attribution.ts";
import { checkImages } from "./checkImages.ts";
import { checkSteps } from "./checkSteps.ts";
import type { Target } from "./classScores.ts";
import type { ExplainOptions } from "./explainOptions.ts";
import { withScoreGradients } from "./scoreGradients.ts";

export interface SmoothGradOptions extends ExplainOptions {
  /** Noisy copies of each image. Default 25. */
  readonly samples?: number;
  /** Standard deviation of the noise, as a share of the image's largest minus its smallest value. Default 0.15. */
  readonly noise?: number;
  /** The same seed, the same noise. Default 0. */
  readonly seed?: number;
}

/**
 * The mean gradient of the class's score over noisy copies of x [n, channels, ...space]: what of the gradient is not chance. `map` is its
 * largest size over the channels; `scores` are the images' own.
 *
 * Smilkov, Thorat, Kim, Viégas, Wattenberg, "SmoothGrad: removing noise by adding noise", 2017.
 */
export async function smoothGrad(model: Module, x: NdArray, target: Target, options: SmoothGradOptions = {}): Promise<Attribution> {
  checkImages("smoothGrad", x);
  const { samples = 25, noise = 0.15, seed = 0 } = options;
  checkSteps("smoothGrad", "samples", samples);
  if (!(noise >= 0)) throw new OpError("smoothGrad", `noise must be a share of at least 0, got ${noise}`);
  const deviations = ranges(x).map((range) => noise * range);
  return withScoreGradients("smoothGrad", model, x.shape, target, options, async (gradients) => {
    const { scores } = await gradients(x);
    const sum = new Float64Array(x.data.length);
    const size = x.data.length / deviations.length;
    for (let s = 0; s < samples; s++) {
      const noisy = new NdArray("f32", x.shape);
      normalInit()(noisy, new RandomStream(seed, `smoothGrad.${s}`));
      for (let i = 0; i < sum.length; i++) noisy.data[i] = x.data[i]! + noisy.data[i]! * deviations[Math.floor(i / size)]!;
      const { gradient } = await gradients(noisy);
      for (let i = 0; i < sum.length; i++) sum[i]! += gradient.data[i]!;
    }
    const values = new NdArray(
      "f32",
      x.shape,
      Float32Array.from(sum, (v) => v / samples),
    );
    return { values, map: overChannels(values, "largest"), scores };
  });
}

/** The largest minus the smallest value of each image. */
function ranges({ shape, data }: NdArray<"f32">): number[] {
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, n) => {
    const image = data.subarray(n * size, (n + 1) * size);
    return image.reduce((a, b) => Math.max(a, b)) - image.reduce((a, b) => Math.min(a, b));
  });
}
