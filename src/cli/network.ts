/** Networks that a command works with: new ones from the zoo, and saved ones. */
import { sameShape, showShape } from "../base/shape.ts";
import type { Dataset } from "../data/dataset.ts";
import { OpError } from "../ir/op.ts";
import { createModel, type NamedNetwork } from "../models/registry.ts";
import type { RunConfig, SavedRun } from "../train/node.ts";
import { Failure, UsageError } from "./failure.ts";
import { MODEL_HELP, MODEL_NAMES } from "./options.ts";

/** The images a network is for: all that has to be known of a data set to make one. */
export type Kind = Pick<Dataset, "imageShape" | "classes">;

/** A new network from the zoo. */
export function newNetwork(name: string, { imageShape, classes }: Kind): NamedNetwork {
  return createModel(name, { input: imageShape, classes: classes.length });
}

/** A network with its weights in it, and its name in the zoo. */
export interface Restored {
  readonly model: NamedNetwork;
  readonly name: string;
}

/** The network of saved weights. Weights from elsewhere do not say what they are: `name` must. `kind` is the images it is to see. */
export function restore({ file, weights, config }: SavedRun, name: string | undefined, kind: Kind): Restored {
  const own = name ?? (config && modelOf(config, file));
  if (own === undefined) throw new UsageError(`--model must say which network ${file} is for: ${MODEL_HELP}`);
  if (config && !sameKind(config.data, kind))
    throw new Failure(`${file}: the network is for ${imagesOf(config.data)}, got ${imagesOf(kind)}`);
  const model = newNetwork(own, kind);
  try {
    model.loadStateDict(weights);
  } catch (error) {
    if (!(error instanceof OpError)) throw error;
    throw new Failure(`${file}: these are not the weights of ${own} for ${imagesOf(kind)}: ${error.message}`, { cause: error });
  }
  return { model, name: own };
}

const sameKind = (a: Kind, b: Kind): boolean => sameShape(a.imageShape, b.imageShape) && a.classes.length === b.classes.length;

const imagesOf = ({ imageShape, classes }: Kind): string => `images ${showShape(imageShape)} in ${classes.length} classes`;

/** Name in the zoo of the model of a run, whose weights are in `file`. */
export function modelOf({ model }: RunConfig, file: string): string {
  const found = MODEL_NAMES.find((name) => name === model);
  if (found === undefined) throw new Failure(`${file}: the run's model must be one of those that \`fovea models\` lists, got ${model}`);
  return found;
}
