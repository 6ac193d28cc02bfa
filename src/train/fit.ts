import type { Augmentation } from "../data/augment/augmentation.ts";
import { augmentBatch } from "../data/augment/augmentBatch.ts";
import { epochStream } from "../data/augment/draws.ts";
import { type FlipAndCrop, flipAndCrop } from "../data/augment/flipAndCrop.ts";
import { batches, epochOrder, gather } from "../data/batches.ts";
import { checkDataset, countOf, type Dataset, type ImageShape } from "../data/dataset.ts";
import { OpError } from "../ir/op.ts";
import type { Module } from "../nn/module.ts";
import { crossEntropy } from "../ops/crossEntropy.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { cosineSchedule, type Schedule, type ScheduledRun } from "../optim/schedules.ts";
import { backendOf, type RunsOn } from "./backend.ts";
import { checkCount } from "./batchwise.ts";
import { type DataFor, type Evaluator, evaluatorOf, type Loss } from "./evaluate.ts";
import type { Epoch, History, Start, Step } from "./history.ts";
import { pauses } from "./pauses.ts";
import { compileStep } from "./trainStep.ts";

/** `D` is the type of data that the network can learn from. */
export interface FitOptions<D = Dataset> extends RunsOn {
  readonly train: D;
  /** Evaluated after each epoch. */
  readonly validation?: NoInfer<D>;
  /** Default: crossEntropy. */
  readonly loss?: Loss;
  /** It keeps its momenta: a second fit with it goes on where the first one ended. */
  readonly optimizer: Optimizer;
  /** Images per step. Default 64. */
  readonly batchSize?: number;
  /** How often each training image is seen. Default 1. */
  readonly epochs?: number;
  /**
   * Other versions of the training images, made anew in each epoch: `{ flip: true, crop: 4 }`, or a function (see fovea/data).
   * Their chance depends on (seed, epoch, image) alone. Default: none.
   */
  readonly augment?: Augmentation | FlipAndCrop;
  /** For weights that have no value yet, for the order of the images and for `augment`. Default 0. */
  readonly seed?: number;
  /** The learning rate of each step; see fovea/optim. Default: cosineSchedule, from the optimizer's rate down to 0. */
  readonly schedule?: Schedule;
  /** The momentum (Adam's first beta) of each step: `oneCycleMomentum()`. Default: the optimizer's, in all of them. */
  readonly momentum?: Schedule;
  /** Called when everything is compiled, before the first step. */
  readonly onStart?: (start: Start) => void | Promise<void>;
  readonly onStep?: (step: Step) => void;
  /** Called when the epoch's steps and its validation are done; the next epoch waits for it. */
  readonly onEpoch?: (epoch: Epoch) => void | Promise<void>;
  /** Ends the training after the step that is running. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a network to sort images. Sugar over `compile`: the program of a step is in trainStep.ts, and what is left is this
 * loop. The same options give the same bits, on any number of threads and any machine.
 *
 *     const history = await fit(model, { train, validation, optimizer: new SGD({ lr: 0.05, momentum: 0.9 }), epochs: 5 });
 */
// PyTorch: DataLoader(shuffle=True, drop_last=True). The images that do not fill a last batch are others in each epoch.
export async function fit<M extends Module, const S extends ImageShape, const K extends number>(
  model: M,
  options: FitOptions<DataFor<M, S, K>>,
): Promise<History> {
  return train(model, options as unknown as FitOptions);
}

async function train(model: Module, options: FitOptions): Promise<History> {
  const { train, validation, optimizer, loss = crossEntropy, batchSize = 64, epochs = 1, seed = 0, schedule = cosineSchedule } = options;
  const { momentum } = options;
  const began = performance.now();
  check(train, batchSize, epochs);
  const augment = typeof options.augment === "object" ? flipAndCrop(options.augment) : options.augment;
  const stepsPerEpoch = Math.floor(countOf(train) / batchSize);
  // Nothing is kept for a backward pass: four times as many images take no more memory than a step does.
  const testBatch = Math.min(4 * batchSize, 250);
  const evaluator: Evaluator | undefined = validation && evaluatorOf(model, validation, { ...options, batchSize: testBatch });
  model.initialize(seed);
  const program = await compileStep(backendOf(options), model, train, loss, optimizer, batchSize, momentum !== undefined);
  const { memory, threads, warnings } = program;

  const run: ScheduledRun = { lr: optimizer.lr, steps: epochs * stepsPerEpoch, stepsPerEpoch };
  const done: Epoch[] = [];
  let steps = 0;
  const stopped = (): boolean => options.signal?.aborted ?? false;
  try {
    await options.onStart?.({ memory, threads, stepsPerEpoch, epochs, warnings });
    const images = new Uint8Array((batchSize * train.images.data.length) / countOf(train));
    const labels = new Int32Array(batchSize);
    const pause = pauses();
    for (let epoch = 1; epoch <= epochs && !stopped(); epoch++) {
      const start = performance.now();
      const stream = epochStream(seed, epoch - 1);
      let [step, rate, lossSum, correctSum] = [0, 0, 0, 0];
      for (const batch of batches(epochOrder(countOf(train), seed, epoch - 1), batchSize)) {
        if (step === stepsPerEpoch || stopped()) break;
        rate = schedule(steps, run);
        gather(train, batch, images, labels);
        if (augment) augmentBatch(images, train.imageShape, batch, augment, stream);
        const result = await program.run({ images, labels, lr: rate, ...(momentum && { momentum: momentum(steps, run) }) });
        const [loss, correct] = [result.loss.item(), result.correct.item()];
        step++;
        steps++;
        lossSum += loss;
        correctSum += correct;
        options.onStep?.({ epoch, step, loss, correct, batchSize, lr: rate });
        if (Number.isNaN(loss)) throw diverged(epoch, step, rate);
        await pause();
      }
      if (step < stepsPerEpoch) break;
      const seconds = (performance.now() - start) / 1000;
      const seen = stepsPerEpoch * batchSize;
      const record: Epoch = {
        epoch,
        loss: lossSum / stepsPerEpoch,
        accuracy: correctSum / seen,
        lr: rate,
        seconds,
        imagesPerSecond: seen / seconds,
        validation: await evaluator?.run(),
      };
      done.push(record);
      await options.onEpoch?.(record);
    }
  } finally {
    await evaluator?.close();
    await program.close();
  }
  const interrupted = steps < epochs * stepsPerEpoch;
  return { epochs: done, steps, interrupted, seconds: (performance.now() - began) / 1000, memory, threads };
}

function check(train: Dataset, batchSize: number, epochs: number): void {
  checkCount("batchSize", batchSize, "fit");
  checkCount("epochs", epochs, "fit");
  checkDataset(train);
  const n = countOf(train);
  if (batchSize > n) {
    throw new OpError("fit", `batchSize must be at most ${n}, the number of images in ${train.name}, got ${batchSize}. Make it smaller`);
  }
}

const diverged = (epoch: number, step: number, lr: number): OpError =>
  new OpError("fit", `the training has diverged: the loss is NaN in step ${step} of epoch ${epoch}, with lr ${lr}. Make lr smaller`);
