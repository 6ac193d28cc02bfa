/** The work of `fovea train`. */
import {
  createRunFolder,
  discardRunFolder,
  type Epoch,
  fit,
  type RunConfig,
  type Start,
  writeConfig,
  writeMetrics,
  writeReport,
  writeWeights,
} from "../train/node.ts";
import { renderReport } from "../train/report/index.ts";
import type { Outcome } from "./command.ts";
import { holdOut, loadShown } from "./data.ts";
import { interruptible } from "./interrupt.ts";
import { backendFor } from "./machine.ts";
import { newNetwork } from "./network.ts";
import { OPTIMIZERS } from "./optimizers.ts";
import { reportData } from "./reportData.ts";
import { configOf, freshFolder } from "./runRecord.ts";
import { SCHEDULES, warmedUp } from "./schedules.ts";
import type { Terminal } from "./terminal.ts";
import { describeTraining } from "./trainHead.ts";
import { settled, type TrainOptions } from "./trainOptions.ts";
import { finished, interrupted, nothingTrained, type Trained } from "./trainOutcome.ts";
import { trainProgress } from "./trainProgress.ts";

/** Trains, and keeps weights and metrics after each epoch, so that whatever happens later the last epoch is safe. */
export function train(terminal: Terminal, given: TrainOptions): Promise<Outcome> {
  const options = settled(given);
  return interruptible(terminal, async (interruption) => {
    const loaded = await loadShown(options.data, terminal);
    const { train, test } = options.holdOut === undefined ? loaded : holdOut(loaded, options.holdOut);
    const [backend, model] = [backendFor(options), newNetwork(options.model, train)];
    const progress = trainProgress(terminal);
    const epochs: Epoch[] = [];
    const stepLosses: number[] = [];
    let folder = "";
    let config: RunConfig | undefined;
    let weightsSha256: string | undefined;

    const onStart = async (start: Start): Promise<void> => {
      folder = options.out ?? freshFolder(options);
      await createRunFolder(folder, options);
      config = configOf(options, { train, test }, start.threads);
      await writeConfig(folder, config);
      describeTraining(terminal, model, config, start, folder);
      progress.start(start);
    };
    const onEpoch = async (epoch: Epoch): Promise<void> => {
      progress.epoch(epoch);
      epochs.push(epoch);
      await writeMetrics(folder, epochs);
      weightsSha256 = await writeWeights(folder, model);
    };
    // Where none is kept, none can change.
    const momentum = options.momentum === 0 ? undefined : SCHEDULES[options.schedule].momentum;
    try {
      const history = await fit(model, {
        train,
        validation: test,
        epochs: options.epochs,
        batchSize: options.batchSize,
        seed: options.seed,
        augment: options.augment,
        optimizer: OPTIMIZERS[options.optimizer].make(options),
        schedule: warmedUp(options.schedule, options.warmup),
        ...(momentum && { momentum }),
        backend,
        signal: interruption.signal,
        onStart,
        onStep(step) {
          progress.step(step);
          stepLosses.push(step.loss);
        },
        onEpoch,
      }).finally(() => progress.end());
      if (history.interrupted && history.steps > 0) weightsSha256 = await writeWeights(folder, model);
      if (weightsSha256 === undefined) {
        await discardRunFolder(folder);
        return nothingTrained(interruption);
      }
      const trained: Trained = { history, config: config!, folder, test, stepLosses, weightsSha256 };
      if (history.interrupted) return interrupted(trained, interruption);
      await writeReport(folder, renderReport(await reportData(trained, model, backend)));
      return finished(trained);
    } catch (error) {
      // Before the first epoch is kept, a folder made here has nothing that anybody could use.
      if (config !== undefined && weightsSha256 === undefined) await discardRunFolder(folder);
      throw error;
    }
  });
}
