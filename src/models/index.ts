/** fovea/models: the zoo. */
export { type LeNet5Options, lenet5, lenet5Tanh } from "./lenet5.ts";
export { createModel, type ModelOptions, models, type NamedNetwork, type ZooModel } from "./registry.ts";
