/** fovea/optim: what changes weights, and how fast. */
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { Optimizer } from "./optimizer.ts";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./reduceLROnPlateau.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export {
  constantSchedule,
  cosineAnnealingLR,
  cosineAnnealingWarmRestarts,
  cosineSchedule,
  exponentialLR,
  linearLR,
  linearWarmup,
  multiStepLR,
  type OneCycleMomentumOptions,
  type OneCycleOptions,
  oneCycleLR,
  oneCycleMomentum,
  perEpoch,
  polynomialLR,
  type Schedule,
  type ScheduledRun,
  stepLR,
} from "./schedules.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
