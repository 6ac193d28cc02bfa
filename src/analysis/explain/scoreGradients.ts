import { pullback } from "../../autodiff/grad.ts";
import { f32, NdArray } from "../../base/ndarray.ts";
import type { Shape } from "../../base/shape.ts";
import { constant } from "../../ir/tensor.ts";
import type { Module } from "../../nn/module.ts";
import { expand } from "../../ops/expand.ts";
import { pick } from "../../ops/pick.ts";
import { compile } from "../../runtime/compile.ts";
import { tracedLayers } from "../tracedLayers.ts";
import { classScores, type Target, targetsOf } from "./classScores.ts";
import { backendOf, type ExplainOptions } from "./explainOptions.ts";
import { guidedRectifiers } from "./guidedRectifiers.ts";

/** How gradients go back through rectifiers: as they should, or guided. */
export type GradientRule = "plain" | "guided";

/** The scores of the targets, [n], and their gradients by the images, in the images' shape. */
export interface ScoreGradient {
  readonly scores: NdArray<"f32">;
  readonly gradient: NdArray<"f32">;
}

/** Gives scores and gradients of images of one shape. */
export type ScoreGradients = (x: NdArray<"f32">) => Promise<ScoreGradient>;

/**
 * Compiles the gradient of the target's score by images of this shape, and lets `use` take it as often as it likes. Images of a batch do
 * not mix where a network evaluates, so the gradient of the sum of scores is each image's own.
 */
export async function withScoreGradients<T>(
  op: string,
  model: Module,
  shape: Shape,
  target: Target,
  options: ExplainOptions & { readonly rule?: GradientRule },
  use: (gradients: ScoreGradients) => Promise<T>,
): Promise<T> {
  const program = await compile(backendOf(options), { x: shape }, ({ x }) => {
    const plain = classScores(op, tracedLayers(model, x).result, shape[0]!);
    const all = options.rule === "guided" ? guidedRectifiers(op, plain) : plain;
    const targets = constant(new NdArray("i32", [shape[0]!], targetsOf(op, target, all.shape)));
    const scores = pick(all, targets, 1);
    const [gradient] = pullback(scores, expand(constant(f32([], [1])), scores.shape), [x]);
    return { scores, gradient: gradient! };
  });
  try {
    return await use(async (x) => (await program.run({ x })) as ScoreGradient);
  } finally {
    await program.close();
  }
}
