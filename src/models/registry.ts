import { nearest } from "../base/nearest.ts";
import type { Shape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Network } from "../nn/network.ts";
import { lenet5, lenet5Tanh } from "./lenet5.ts";

/** A network by name: of any sizes. */
export type NamedNetwork = Network<Shape, readonly [number]>;

/** A model that has a name. */
export interface ZooModel {
  /** Shape of one input as published, without the batch: [channels, height, width]. */
  readonly input: Shape;
  /** Classes as published. */
  readonly classes: number;
  /** The network for inputs of this shape, which has as many axes as `input`, and so many classes; not initialised. */
  make(input: Shape, classes: number): NamedNetwork;
}

/** Makes a network for images with so many channels, in so many classes. */
type ForImages = (options: { readonly channels: number; readonly classes: number }) => unknown;

/** A model for images, of any size unless it says otherwise. */
const images = (make: ForImages, input: Shape = [3, 224, 224], classes = 1000): ZooModel => ({
  input,
  classes,
  make: ([channels], k) => make({ channels: channels!, classes: k }) as NamedNetwork,
});

/** LeNet-5's dense layers are as large as its images make them. */
const lenet = (make: typeof lenet5): ZooModel => ({
  input: [1, 28, 28],
  classes: 10,
  make: ([channels, height, width], classes) => make({ channels: channels!, height: height!, width: width!, classes }) as NamedNetwork,
});

/**
 * Every model that has a name, in the order in which to list them. Names are torchvision's where it has the model; others have
 * hyphens. A new model adds its line here.
 */
export const models: Readonly<Record<string, ZooModel>> = {
  lenet5: lenet(lenet5),
  "lenet5-tanh": lenet(lenet5Tanh),
};
void images;

/** What a model by name is to be made for. */
export interface ModelOptions {
  /** Shape of one input, without the batch. Default: as published. */
  readonly input?: Shape;
  /** Default: as published. */
  readonly classes?: number;
}

/**
 * The model of that name, not initialised. Throws an OpError that lists the names if there is none.
 *
 *     const network = createModel("resnet18", { classes: 10 });
 *
 * torchvision: get_model.
 */
export function createModel(name: string, options: ModelOptions = {}): NamedNetwork {
  if (!Object.hasOwn(models, name)) {
    const close = nearest(name, Object.keys(models));
    const hint = close === undefined ? "" : `. Did you mean ${close}?`;
    throw new OpError("createModel", `the models are ${Object.keys(models).join(", ")}, got "${name}"${hint}`);
  }
  const model = models[name]!;
  const { input = model.input, classes = model.classes } = options;
  if (input.length !== model.input.length) {
    const wanted = `inputs of ${model.input.length} sizes, such as ${model.input.join("x")}`;
    throw new OpError("createModel", `${name} takes ${wanted}, got ${input.join("x")}`);
  }
  return model.make(input, classes);
}
