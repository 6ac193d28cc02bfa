/** fovea/models: the zoo. */
export { type LeNet5Options, lenet5, lenet5Tanh } from "./lenet5.ts";
export { createModel, type ModelFactory, type ModelName, type ModelOptions, models } from "./registry.ts";
