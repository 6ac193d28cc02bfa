/** What `fovea train` says when it ends. */
import { join } from "node:path";
import { countOf, type Dataset } from "../data/dataset.ts";
import { type History, metricsOf, RUN_FILES, type RunConfig } from "../train/node.ts";
import { count, counted, duration, percent } from "../train/report/format.ts";
import type { Outcome } from "./command.ts";
import type { Interruption } from "./interrupt.ts";

/** A training that is over, and what was kept of it. */
export interface Trained {
  readonly history: History;
  readonly config: RunConfig;
  readonly folder: string;
  readonly test: Dataset;
  /** Loss of each step. */
  readonly stepLosses: readonly number[];
  readonly weightsSha256: string;
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

/** After the last epoch. */
export function finished(trained: Trained): Outcome {
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

/** After Ctrl-C. */
export function interrupted(trained: Trained, { exitCode }: Interruption): Outcome {
  const { history, folder } = trained;
  const done = `Stopped after ${counted(history.steps, "step")}, ${counted(history.epochs.length, "whole epoch")} among them: untested, and without a report.`;
  return { json: figures(trained), text: `${done}\nweights   ${join(folder, RUN_FILES.weights)}`, exitCode };
}

/** After Ctrl-C before the first step. */
export function nothingTrained({ exitCode }: Interruption): Outcome {
  return { json: { interrupted: true, steps: 0, run: null }, text: "Stopped before the first step. Nothing was saved.", exitCode };
}
