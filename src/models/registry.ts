import { nearest } from "../base/nearest.ts";
import { OpError } from "../ir/op.ts";
import type { Network } from "../nn/network.ts";
import { lenet5, lenet5Tanh } from "./lenet5.ts";

/** What a model by name is made for: images of [channels, height, width] in so many classes. */
export interface ModelOptions {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
}

/** Makes a network for these images. */
export type ModelFactory = (options: ModelOptions) => Network<[number, number, number], [number]>;

/** Every model that has a name, in the order in which to list them. A new model adds its line here. */
export const models: { readonly lenet5: ModelFactory; readonly lenet5Tanh: ModelFactory } = {
  lenet5,
  lenet5Tanh,
};

/** Name of a model in `models`. */
export type ModelName = keyof typeof models;

/**
 * The model of that name, for images of this size and so many classes; not initialised. Throws an OpError that lists the
 * names if there is none.
 */
export function createModel(name: ModelName | (string & {}), options: ModelOptions): Network<[number, number, number], [number]> {
  if (!Object.hasOwn(models, name)) {
    const close = nearest(name, Object.keys(models));
    const hint = close === undefined ? "" : `. Did you mean ${close}?`;
    throw new OpError("createModel", `the models are ${Object.keys(models).join(", ")}, got "${name}"${hint}`);
  }
  return models[name as ModelName](options);
}
