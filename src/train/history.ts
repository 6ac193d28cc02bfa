import type { MemoryReport } from "../backend/backend.ts";
import type { Warning } from "../ir/trace.ts";
import type { Evaluation } from "./evaluate.ts";

/** What is known before the first step. */
export interface Start {
  /** Exact bytes of the training program. */
  readonly memory: MemoryReport;
  readonly threads: number;
  /** Steps of one epoch; the images that do not fill a last batch wait for another epoch. */
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  /** What is odd in the network: pixels that no window reads, say. */
  readonly warnings: readonly Warning[];
}

/** One step that is done. */
export interface Step {
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch. */
  readonly step: number;
  /** Mean over the batch, before the step. Of a network with auxiliary heads: their losses, times their weights, are in it. */
  readonly loss: number;
  /** Images of the batch that were right before the step. */
  readonly correct: number;
  readonly batchSize: number;
  /** Learning rate of the step. */
  readonly lr: number;
}

/** One epoch that is done. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the training images of the epoch, each as the network was when its turn came; auxiliary heads' losses included. */
  readonly loss: number;
  /** Share of these images that were right, 0 to 1. */
  readonly accuracy: number;
  /** Learning rate of the epoch's last step. */
  readonly lr: number;
  /** Of training alone. */
  readonly seconds: number;
  /** Of training alone. */
  readonly imagesPerSecond: number;
  /** After the epoch; undefined where no validation data was given. */
  readonly validation: Evaluation | undefined;
}

/** A training from its first step to its last. */
export interface History {
  readonly epochs: readonly Epoch[];
  /** Steps done, also those of an epoch that was interrupted. */
  readonly steps: number;
  /** Whether the signal ended it before its time. The last steps then belong to no epoch above. */
  readonly interrupted: boolean;
  /** In all, compilation and validation included. */
  readonly seconds: number;
  readonly memory: MemoryReport;
  readonly threads: number;
}
