/** The work of `fovea train`. */
import { join } from "node:path";
import { countOf, type Dataset } from "../data/dataset.ts";
import type { ModelName } from "../models/registry.ts";
import { SGD } from "../optim/sgd.ts";
import {
  createRunFolder,
  discardRunFolder,
  type Epoch,
  fit,
  type History,
  metricsOf,
  RUN_FILES,
  type RunConfig,
  type Start,
  writeConfig,
  writeMetrics,
  writeReport,
  writeWeights,
} from "../train/node.ts";
import { count, counted, duration, percent } from "../train/report/format.ts";
import { renderReport, type StepLoss } from "../train/report/index.ts";
import type { CommonOptions, Outcome } from "./command.ts";
import { holdOut, loadShown } from "./data.ts";
import { type Interruption, interruptible } from "./interrupt.ts";
import { backendFor, type MachineOptions } from "./machine.ts";
import { newNetwork } from "./network.ts";
import { reportData } from "./reportData.ts";
import { configOf, freshFolder } from "./runRecord.ts";
import { SCHEDULES } from "./schedules.ts";
import type { Terminal } from "./terminal.ts";
import { describeTraining } from "./trainHead.ts";
import { trainProgress } from "./trainProgress.ts";

/** Options of `fovea train`. */
export interface TrainOptions extends CommonOptions, MachineOptions {
  readonly data: string;
  readonly model: ModelName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly schedule: keyof typeof SCHEDULES;
  readonly seed: number;
  readonly holdOut?: number;
  readonly out?: string;
  readonly force?: boolean;
}

/** A training that is over, and what was kept of it. */
interface Trained {
  readonly history: History;
  readonly config: RunConfig;
  readonly folder: string;
  readonly test: Dataset;
  readonly steps: readonly StepLoss[];
  readonly weightsSha256: string;
}

/** Trains, and keeps weights and metrics after each epoch, so that whatever happens later the last epoch is safe. */
export function train(terminal: Terminal, options: TrainOptions): Promise<Outcome> {
  return interruptible(terminal, async (interruption) => {
    const loaded = await loadShown(options.data, terminal);
    const { train, test } = options.holdOut === undefined ? loaded : holdOut(loaded, options.holdOut);
    const [backend, model] = [backendFor(options), newNetwork(options.model, train)];
    const folder = options.out ?? freshFolder(options);
    const progress = trainProgress(terminal);
    const epochs: Epoch[] = [];
    const steps: StepLoss[] = [];
    let config: RunConfig | undefined;
    let weightsSha256: string | undefined;

    const onStart = async (start: Start): Promise<void> => {
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
    try {
      const history = await fit(model, {
        train,
        validation: test,
        epochs: options.epochs,
        batchSize: options.batchSize,
        seed: options.seed,
        optimizer: new SGD(options),
        schedule: SCHEDULES[options.schedule],
        backend,
        signal: interruption.signal,
        onStart,
        onStep(step) {
          progress.step(step);
          steps.push({ step: steps.length + 1, loss: step.loss });
        },
        onEpoch,
      });
      if (history.interrupted && history.steps > 0) weightsSha256 = await writeWeights(folder, model);
      progress.end();
      if (weightsSha256 === undefined) return await nothingTrained(folder, interruption);
      const trained: Trained = { history, config: config!, folder, test, steps, weightsSha256 };
      if (history.interrupted) return interrupted(trained, interruption);
      const page = renderReport(await report(trained));
      await writeReport(folder, page);
      return finished(trained);
    } catch (error) {
      progress.end();
      // Before the first epoch is kept, a folder made here has nothing that anybody could use.
      if (config !== undefined && weightsSha256 === undefined) await discardRunFolder(folder);
      throw error;
    }

    async function report({ history, config, weightsSha256 }: Trained): Promise<Parameters<typeof renderReport>[0]> {
      const last = history.epochs.at(-1)!.validation!;
      return {
        title: `${config.model} on ${config.data.source}`,
        model: config.model,
        dataset: config.data.source,
        date: config.started,
        seed: config.training.seed,
        threads: history.threads,
        wallSeconds: history.seconds,
        command: config.command,
        environment: config.environment,
        weightsSha256,
        bitExact: config.backend === "wasm",
        parameters: model.parameters().reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0),
        memory: history.memory,
        epochs: history.epochs.map((e) => ({ ...metricsOf(e), testLoss: e.validation!.loss, testAccuracy: e.validation!.accuracy })),
        stepsPerEpoch: Math.floor(countOf(train) / options.batchSize),
        steps,
        ...(await reportData(model, test, last, backend)),
      };
    }
  });
}

/** What --json tells of any training. */
function figures({ history, config, folder, test, weightsSha256 }: Trained): Outcome["json"] {
  const last = history.epochs.at(-1);
  // Of the weights that were kept: after an interruption nobody has tested them.
  const tested = history.interrupted ? undefined : last?.validation;
  return {
    testAccuracy: tested?.accuracy ?? null,
    testLoss: tested?.loss ?? null,
    testedOn: test.name,
    epochs: history.epochs.length,
    steps: history.steps,
    seconds: history.seconds,
    imagesPerSecond: last?.imagesPerSecond ?? null,
    interrupted: history.interrupted,
    weightsSha256,
    memory: history.memory,
    threads: history.threads,
    backend: config.backend,
    model: config.model,
    data: config.data.source,
    seed: config.training.seed,
    run: folder,
    weights: join(folder, RUN_FILES.weights),
    report: history.interrupted ? null : join(folder, RUN_FILES.report),
    history: history.epochs.map(metricsOf),
  };
}

function finished(trained: Trained): Outcome {
  const { history, folder, test, weightsSha256 } = trained;
  const { accuracy, correct } = history.epochs.at(-1)!.validation!;
  const images = countOf(test);
  return {
    json: figures(trained),
    text: [
      `accuracy  ${percent(accuracy, images)} on ${test.name} (${count(correct)} of ${count(images)} images), after ${duration(history.seconds)}`,
      `weights   ${join(folder, RUN_FILES.weights)}`,
      `sha-256   ${weightsSha256}`,
      `report    ${join(folder, RUN_FILES.report)}`,
    ].join("\n"),
  };
}

function interrupted(trained: Trained, { exitCode }: Interruption): Outcome {
  const { history, folder } = trained;
  const done = `Stopped after ${counted(history.steps, "step")}, ${counted(history.epochs.length, "whole epoch")} among them: untested, and without a report.`;
  return { json: figures(trained), text: `${done}\nweights   ${join(folder, RUN_FILES.weights)}`, exitCode };
}

async function nothingTrained(folder: string, { exitCode }: Interruption): Promise<Outcome> {
  await discardRunFolder(folder);
  return { json: { interrupted: true, steps: 0, run: null }, text: "Stopped before the first step. Nothing was saved.", exitCode };
}
