/** The same training in Node and in a page: LeNet-5, 50 steps on strokes. Its hashes say whether the bits are the same. */
import { strokes } from "../../src/data/index.ts";
import { wasm } from "../../src/index.ts";
import { lenet5 } from "../../src/models/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { fit, weightsSha256 } from "../../src/train/index.ts";
import { sha256 } from "../../src/train/weightsHash.ts";

const STEPS = 50;
const BATCH = 64;

/** What must be equal wherever it ran. */
export interface Trained {
  /** SHA-256 of the training images. */
  readonly images: string;
  /** The loss of each step: where two runs part, this shows since when. */
  readonly losses: readonly number[];
  /** Images of the test set that are told apart correctly afterwards, of 250. */
  readonly correct: number;
  /** SHA-256 of the weights after the last step. */
  readonly weights: string;
}

/** What was trained, and what may differ. */
export interface Run {
  readonly trained: Trained;
  /** Threads that worked, which may be fewer than were asked for. */
  readonly threads: number;
}

/** Trains on `threads` threads. */
export async function lenetSteps(threads: number): Promise<Run> {
  const train = strokes({ split: "train", count: STEPS * BATCH });
  const model = lenet5();
  const losses: number[] = [];
  const history = await fit(model, {
    train,
    validation: strokes({ split: "test", count: 250 }),
    optimizer: new SGD({ lr: 0.05, momentum: 0.9 }),
    batchSize: BATCH,
    seed: 1,
    backend: wasm({ threads }),
    onStep: ({ loss }) => losses.push(loss),
  });
  const images = await sha256(train.images.data.slice());
  const correct = history.epochs[0]!.validation!.correct;
  return { trained: { images, losses, correct, weights: await weightsSha256(model) }, threads: history.threads };
}
