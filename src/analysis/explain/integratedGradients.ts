import { NdArray } from "../../base/ndarray.ts";
import { sameShape, showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import type { Module } from "../../nn/module.ts";
import { type Attribution, overChannels } from "./attribution.ts";
import { checkImages } from "./checkImages.ts";
import { checkSteps } from "./checkSteps.ts";
import type { Target } from "./classScores.ts";
import type { ExplainOptions } from "./explainOptions.ts";
import { withScoreGradients } from "./scoreGradients.ts";

export interface IntegratedGradientsOptions extends ExplainOptions {
  /** What the images are compared with: images of the same shape, or one number for all. Default 0, the mean pixel of normalised images. */
  readonly baseline?: NdArray | number;
  /** Points of the way at which the gradient is taken. Default 64. */
  readonly steps?: number;
}

/** Shares of pixels in the difference between an image's score and its baseline's. */
export interface IntegratedGradients extends Attribution {
  /** The class's score for each baseline, [n]. */
  readonly baselineScores: NdArray<"f32">;
  /** Sum of `values` minus the difference of scores, for each image: 0 but for the error of so few steps (completeness). */
  readonly gaps: readonly number[];
}

/**
 * The gradient of the class's score, averaged over the straight way from a baseline to x [n, channels, ...space], times the way: shares that
 * add up to the difference of the two scores. `map` is the sum over the channels.
 *
 * Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", 2017. Points lie in the middle of equal parts of the way.
 */
export async function integratedGradients(
  model: Module,
  x: NdArray,
  target: Target,
  options: IntegratedGradientsOptions = {},
): Promise<IntegratedGradients> {
  checkImages("integratedGradients", x);
  const { steps = 64 } = options;
  checkSteps("integratedGradients", "steps", steps);
  const from = baselineOf(x, options.baseline ?? 0);
  return withScoreGradients("integratedGradients", model, x.shape, target, options, async (gradients) => {
    const { scores } = await gradients(x);
    const { scores: baselineScores } = await gradients(from);
    const sum = new Float64Array(x.data.length);
    for (let s = 0; s < steps; s++) {
      const share = (s + 0.5) / steps;
      const point = x.data.map((v, i) => from.data[i]! + share * (v - from.data[i]!));
      const { gradient } = await gradients(new NdArray("f32", x.shape, point));
      for (let i = 0; i < sum.length; i++) sum[i]! += gradient.data[i]!;
    }
    const values = new NdArray(
      "f32",
      x.shape,
      x.data.map((v, i) => ((v - from.data[i]!) * sum[i]!) / steps),
    );
    const size = x.data.length / x.shape[0]!;
    const gaps = Array.from(scores.data, (score, n) => {
      const total = values.data.subarray(n * size, (n + 1) * size).reduce((a, b) => a + b, 0);
      return total - (score - baselineScores.data[n]!);
    });
    return { values, map: overChannels(values, "sum"), scores, baselineScores, gaps };
  });
}

function baselineOf(x: NdArray<"f32">, baseline: NdArray | number): NdArray<"f32"> {
  if (typeof baseline === "number") return new NdArray("f32", x.shape, new Float32Array(x.data.length).fill(baseline));
  if (baseline.dtype === "f32" && sameShape(baseline.shape, x.shape)) return baseline as NdArray<"f32">;
  throw new OpError(
    "integratedGradients",
    `the baseline must be f32 ${showShape(x.shape)}, as the images are, got ${baseline.dtype} ${showShape(baseline.shape)}`,
  );
}
