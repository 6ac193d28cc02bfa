import type { NdArray } from "../../base/ndarray.ts";
import type { Module } from "../../nn/module.ts";
import { type Attribution, overChannels } from "./attribution.ts";
import { checkImages } from "./checkImages.ts";
import type { Target } from "./classScores.ts";
import type { ExplainOptions } from "./explainOptions.ts";
import { type GradientRule, withScoreGradients } from "./scoreGradients.ts";

/**
 * The gradient of the class's score by each pixel of x [n, channels, ...space]: how much the score would change if the pixel did. `map` is
 * its largest size over the channels. The score is the network's output, before any softmax.
 *
 * Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks", 2013.
 */
export const saliency = (model: Module, x: NdArray, target: Target, options: ExplainOptions = {}): Promise<Attribution> =>
  gradient("saliency", model, x, target, options, "plain");

/**
 * As `saliency`, but at each ReLU only positive gradients go back: sharper pictures, which depend less on the class than they seem to (see
 * `randomizationCheck`). Throws an OpError where the network has no ReLU.
 *
 * Springenberg, Dosovitskiy, Brox, Riedmiller, "Striving for simplicity: the all convolutional net", 2014.
 */
export const guidedBackpropagation = (model: Module, x: NdArray, target: Target, options: ExplainOptions = {}): Promise<Attribution> =>
  gradient("guidedBackpropagation", model, x, target, options, "guided");

async function gradient(
  op: string,
  model: Module,
  x: NdArray,
  target: Target,
  options: ExplainOptions,
  rule: GradientRule,
): Promise<Attribution> {
  checkImages(op, x);
  const found = await withScoreGradients(op, model, x.shape, target, { ...options, rule }, (gradients) => gradients(x));
  return { values: found.gradient, map: overChannels(found.gradient, "largest"), scores: found.scores };
}

/**
 * Gradient times input: the share of each pixel in the score, if the network were linear. `map` is the sum over the channels.
 *
 * Shrikumar, Greenside, Shcherbina, Kundaje, "Not just a black box", 2016.
 */
export async function gradientTimesInput(model: Module, x: NdArray, target: Target, options: ExplainOptions = {}): Promise<Attribution> {
  const { values, scores } = await gradient("gradientTimesInput", model, x, target, options, "plain");
  for (let i = 0; i < values.data.length; i++) values.data[i]! *= x.data[i]!;
  return { values, map: overChannels(values, "sum"), scores };
}
