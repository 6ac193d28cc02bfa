/** Networks that a command works with: new ones from the zoo, and saved ones. */
import { sameShape, showShape } from "../base/shape.ts";
import type { Dataset } from "../data/dataset.ts";
import { OpError } from "../ir/op.ts";
import { createModel, type ModelName } from "../models/registry.ts";
import type { Network } from "../nn/network.ts";
import { type RunConfig, readRun, type SavedRun } from "../train/node.ts";
import { Failure, UsageError } from "./failure.ts";
import { MODEL_NAMES } from "./options.ts";

/** A network as the command line knows it: of any sizes. */
export type AnyNetwork = Network<[number, number, number], [number]>;

/** The images a network is for: all that has to be known of a data set to make one. */
export type Kind = Pick<Dataset, "imageShape" | "classes">;

/** A new network from the zoo. */
export function newNetwork(name: ModelName, { imageShape: [channels, height, width], classes }: Kind): AnyNetwork {
  return createModel(name, { channels, height, width, classes: classes.length });
}

/** A saved network, with its weights in it. */
export interface Restored {
  readonly model: AnyNetwork;
  readonly name: ModelName;
  readonly saved: SavedRun;
}

/**
 * The network in a run's folder or weights file. A file from elsewhere does not say what it is: `name` must, and `kind` must
 * say for which images.
 */
export async function restore(path: string, name: ModelName | undefined, kind: Kind | undefined): Promise<Restored> {
  const saved = await readRun(path);
  const own = name ?? (saved.config && nameIn(saved.config, path));
  if (own === undefined) throw new UsageError(`--model must say which network ${path} is for: ${MODEL_NAMES.join(", ")}`);
  const images = kind ?? saved.config?.data;
  if (images === undefined) throw new UsageError(`--data must say for which images ${path} is`);
  const model = newNetwork(own, images);
  try {
    model.loadStateDict(saved.weights);
  } catch (error) {
    if (!(error instanceof OpError)) throw error;
    throw new Failure(`${saved.file}: these are not the weights of ${own} for ${imagesOf(images)}: ${error.message}`, { cause: error });
  }
  return { model, name: own, saved };
}

/** Fails unless the data is of the kind that the network was trained on. */
export function checkSameKind(path: string, config: RunConfig, data: Dataset): void {
  const { imageShape, classes } = config.data;
  if (sameShape(imageShape, data.imageShape) && classes.length === data.classes.length) return;
  throw new Failure(`${path}: the network is for ${imagesOf(config.data)}, got ${imagesOf(data)} in ${data.name}`);
}

const imagesOf = ({ imageShape, classes }: Kind): string => `images ${showShape(imageShape)} in ${classes.length} classes`;

function nameIn({ model }: RunConfig, path: string): ModelName {
  const found = MODEL_NAMES.find((name) => name === model);
  if (found === undefined) throw new Failure(`${path}: the run's model is none of ${MODEL_NAMES.join(", ")}, got ${model}`);
  return found;
}
