import type { FlipAndCrop } from "../data/augment/flipAndCrop.ts";
import type { CommonOptions } from "./command.ts";
import { UsageError } from "./failure.ts";
import type { MachineOptions } from "./machine.ts";
import { OPTIMIZERS, type OptimizerName, type Rates } from "./optimizers.ts";
import { SCHEDULES, type ScheduleName } from "./schedules.ts";

/** Options of `fovea train` as they are given. */
export interface TrainOptions extends CommonOptions, MachineOptions, Partial<Rates> {
  readonly data: string;
  readonly model: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly schedule: ScheduleName;
  /** In epochs. */
  readonly warmup: number;
  readonly augment?: Required<FlipAndCrop>;
  readonly seed: number;
  readonly holdOut?: number;
  readonly out?: string;
  readonly force?: boolean;
}

/** The same with every default that depends on another option. */
export type TrainSettings = TrainOptions & Rates & { readonly augment: Required<FlipAndCrop> };

/** Fills in what was left open, and throws a UsageError where options contradict each other. */
export function settled(options: TrainOptions): TrainSettings {
  const { schedule, warmup, epochs, augment = { flip: false, crop: 0 } } = options;
  if (warmup > 0 && SCHEDULES[schedule].warmsUp)
    throw new UsageError(`--warmup must be 0 with --schedule ${schedule}, which warms up by itself, got ${warmup}`);
  if (warmup >= epochs) throw new UsageError(`--warmup must be below ${epochs}, the number of epochs, got ${warmup}`);
  return { ...OPTIMIZERS[options.optimizer].rates, ...options, augment };
}
