import type { Backend } from "../../backend/backend.ts";
import { invariant } from "../../base/assert.ts";
import type { NdArray } from "../../base/ndarray.ts";
import { countOf, type Dataset, type Split } from "../../data/dataset.ts";
import type { Module } from "../../nn/module.ts";
import { argmax } from "../../ops/argmax.ts";
import { SGD } from "../../optim/sgd.ts";
import { compile } from "../../runtime/compile.ts";
import { batchwise, pixelsOf } from "../../train/batchwise.ts";
import { classify, normalize, type Pixels } from "../../train/classify.ts";
import { fit } from "../../train/fit.ts";
import type { Epoch } from "../../train/history.ts";
import type { Classifier } from "./classifier.ts";
import { Stopped } from "./stopped.ts";

/** How far an experiment is. */
export interface LabProgress {
  /** 0 to 1. */
  readonly share: number;
  /** What is being done. */
  readonly job: string;
  /** From 1. */
  readonly number: number;
  readonly jobs: number;
}

export interface LabOptions {
  /** Absent for experiments that make all they need. */
  readonly data?: Split;
  /** Everything random follows from it. */
  readonly seed: number;
  /** Small sizes, to see in seconds that everything works; the figures then mean little. */
  readonly quick: boolean;
  readonly backend: Backend;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LabProgress) => void;
}

export interface TrainingOptions {
  readonly train: Dataset;
  /** Weights that have no value yet, and the order of the images. */
  readonly seed: number;
  /** Steps in all; `wholeEpochs` says how many they become. */
  readonly steps: number;
  /** Default BATCH; no more than there are images. */
  readonly batchSize?: number;
  /** Default 0.05, with momentum 0.9, down to 0 by a cosine. */
  readonly lr?: number;
  /** Default 0. */
  readonly weightDecay?: number;
  /** Called after each epoch. */
  readonly onEpoch?: (epoch: Epoch) => Promise<void> | void;
}

/** A training that is over. */
export interface Training {
  /** Of each step, before it. NaN at the end of a training that diverged. */
  readonly losses: readonly number[];
  readonly diverged: boolean;
}

/** Images of one step. */
export const BATCH = 32;

/** How many steps `steps` are after rounding to whole epochs, at least one, of so many images. */
export function wholeEpochs(images: number, steps: number, batchSize: number = BATCH): number {
  const perEpoch = Math.floor(images / Math.min(batchSize, images));
  return perEpoch * Math.max(1, Math.round(steps / perEpoch));
}

/** Where an experiment works: its data, its seeds, its machine. Work goes through `each`, so that somebody can watch and stop it. */
export class Lab {
  readonly seed: number;
  readonly quick: boolean;
  readonly backend: Backend;
  readonly #options: LabOptions;
  /** Progress within the job that is running. */
  #within: (share: number) => void = () => {};

  constructor(options: LabOptions) {
    this.seed = options.seed;
    this.quick = options.quick;
    this.backend = options.backend;
    this.#options = options;
  }

  /** The labelled images. */
  get data(): Split {
    invariant(this.#options.data, "this experiment has no data");
    return this.#options.data;
  }

  /** One of two sizes. */
  choose<T>(full: T, quick: T): T {
    return this.quick ? quick : full;
  }

  /** Seeds of so many repetitions, in full and in quick mode: the seed and those after it. */
  seeds(full = 3, quick = 1): readonly number[] {
    return Array.from({ length: this.choose(full, quick) }, (_, i) => this.seed + i);
  }

  /** What each job gives, one after the other. `weight` is how long a job takes beside the others. Throws Stopped. */
  async each<J, T>(
    jobs: readonly J[],
    label: (job: J) => string,
    work: (job: J) => Promise<T>,
    weight: (job: J) => number = () => 1,
  ): Promise<T[]> {
    const all = jobs.reduce((sum, job) => sum + weight(job), 0);
    const results: T[] = [];
    let done = 0;
    for (const [i, job] of jobs.entries()) {
      this.#within = (share) =>
        this.#options.onProgress?.({ share: (done + share * weight(job)) / all, job: label(job), number: i + 1, jobs: jobs.length });
      this.#within(0);
      this.checkpoint();
      results.push(await work(job));
      done += weight(job);
    }
    return results;
  }

  /** Throws Stopped if somebody asked for it. */
  checkpoint(): void {
    if (this.#options.signal?.aborted) throw new Stopped();
  }

  /** Says how much of the running job is done, for jobs that do not train. */
  within(share: number): void {
    this.#within(share);
  }

  /** Trains `model` by SGD with momentum. Throws Stopped. */
  async train(model: Classifier, options: TrainingOptions): Promise<Training> {
    const { train, seed, lr = 0.05, weightDecay = 0, onEpoch } = options;
    const batchSize = Math.min(options.batchSize ?? BATCH, countOf(train));
    const steps = wholeEpochs(countOf(train), options.steps, batchSize);
    const epochs = steps / Math.floor(countOf(train) / batchSize);
    const losses: number[] = [];
    const { signal } = this.#options;
    try {
      await fit(model, {
        train,
        optimizer: new SGD({ lr, momentum: 0.9, weightDecay }),
        epochs,
        batchSize,
        seed,
        backend: this.backend,
        ...(signal && { signal }),
        onStep: ({ loss }) => {
          losses.push(loss);
          if (losses.length % 10 === 0) this.#within(losses.length / steps);
        },
        ...(onEpoch && { onEpoch }),
      });
    } catch (error) {
      // A loss that is no number is a result, not a fault.
      if (!Number.isNaN(losses.at(-1))) throw error;
    }
    this.checkpoint();
    return { losses, diverged: Number.isNaN(losses.at(-1)) };
  }

  /** Class with the largest score for each image of each set, u8 [n, c, h, w], by one program for all of them. */
  async classes(model: Module, pixels: Pixels, sets: readonly NdArray<"u8">[]): Promise<readonly Int32Array[]> {
    const imageShape = sets[0]!.shape.slice(1);
    const programs = batchwise({}, (size) =>
      compile(this.backend, { images: { shape: [size, ...imageShape], dtype: "u8" } }, (batch) =>
        argmax(classify(model, normalize(batch.images, pixels)), 1),
      ),
    );
    const found: Int32Array[] = [];
    try {
      for (const images of sets) {
        const classes = new Int32Array(images.shape[0]!);
        await programs.each(classes.length, async (program, from, to) => {
          classes.set((await program.run({ images: pixelsOf(images, from, to) })).output.data, from);
        });
        found.push(classes);
        this.checkpoint();
      }
    } finally {
      await programs.close();
    }
    return found;
  }

  /** Share of images of each set whose own class has the largest score. All are normalised as the first one is. */
  async accuracies(model: Module, ...sets: readonly Dataset[]): Promise<readonly number[]> {
    const images = sets.map((set) => set.images);
    return (await this.classes(model, sets[0]!, images)).map((classes, i) => shareRight(classes, sets[i]!));
  }
}

/** Share of these answers that are the labels. */
export const shareRight = (classes: Int32Array, { labels }: Pick<Dataset, "labels">): number =>
  classes.reduce((right, k, i) => right + Number(k === labels.data[i]), 0) / classes.length;
