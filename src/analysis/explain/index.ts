/** Looking into a network: what its layers give, what its filters look for, and which parts of an image speak for a class. */
export {
  type ActivationMaximization,
  type ActivationMaximizationOptions,
  activationMaximization,
} from "./activationMaximization.ts";
export type { Attribution } from "./attribution.ts";
export type { Limit } from "./clamped.ts";
export type { Target } from "./classScores.ts";
export type { ExplainOptions } from "./explainOptions.ts";
export { type FeatureMapsOptions, featureMaps } from "./featureMaps.ts";
export { type FilterBank, type FiltersOptions, filters } from "./filters.ts";
export { type GradCam, type GradCamOptions, gradCam } from "./gradCam.ts";
export { type IntegratedGradients, type IntegratedGradientsOptions, integratedGradients } from "./integratedGradients.ts";
export { type Occlusion, type OcclusionOptions, occlusion } from "./occlusion.ts";
export { type RandomizationCheckOptions, type RandomizedLayer, randomizationCheck } from "./randomizationCheck.ts";
export { rankCorrelation } from "./rankCorrelation.ts";
export { gradientTimesInput, guidedBackpropagation, saliency } from "./saliency.ts";
export { type SmoothGradOptions, smoothGrad } from "./smoothGrad.ts";
