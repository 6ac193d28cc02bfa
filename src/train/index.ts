/** fovea/train: fit, evaluate, predict. Without anything that needs Node. */
export type { RunsOn } from "./backend.ts";
export { normalize, type Pixels } from "./classify.ts";
export { type DataFor, type EvaluateOptions, type Evaluation, evaluate, type Loss } from "./evaluate.ts";
export { type FitOptions, fit } from "./fit.ts";
export type { Epoch, History, Start, Step } from "./history.ts";
export { type Prediction, type PredictOptions, predict } from "./predict.ts";
export { compileStep } from "./trainStep.ts";
export { weightsFile, weightsSha256 } from "./weightsHash.ts";
