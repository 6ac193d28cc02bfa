/** For Node only. The folder of a run: what was trained, how, how well, and the weights. Each file is written whole or not at all. */
import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { WriteError, writeFileAtomic } from "../base/writeFileAtomic.ts";
import type { Module } from "../nn/module.ts";
import type { Epoch } from "./history.ts";
import type { RunConfig } from "./runConfig.ts";
import { sha256, weightsFile } from "./weightsHash.ts";

/** Names of the files. */
export const RUN_FILES = {
  config: "config.json",
  metrics: "metrics.jsonl",
  weights: "weights.safetensors",
  report: "report.html",
} as const;

/** A folder cannot be used for a run. */
export class RunFolderError extends Error {
  override readonly name: string = "RunFolderError";
}

/**
 * Makes the folder. One that holds something already is refused; with `force` the run in it is removed, but nothing else is.
 * Throws RunFolderError and WriteError.
 */
export async function createRunFolder(folder: string, options: { readonly force?: boolean } = {}): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new WriteError(folder, cause);
  }
  const names = await readdir(folder);
  if (names.length === 0) return;
  if (!names.includes(RUN_FILES.config))
    throw new RunFolderError(`${folder}: folder holds other files than a run's, got ${names[0]}. Choose another one`);
  if (!options.force) throw new RunFolderError(`${folder}: folder holds a run already. Choose another one, or overwrite it with --force`);
  await removeRun(folder);
}

/** Removes a run's files, and the folder if that leaves it empty. */
export async function discardRunFolder(folder: string): Promise<void> {
  await removeRun(folder);
  await rmdir(folder).catch(() => {});
}

async function removeRun(folder: string): Promise<void> {
  for (const name of Object.values(RUN_FILES)) await rm(join(folder, name), { force: true });
}

/** Writes config.json. Throws WriteError, as all that follow do. */
export const writeConfig = (folder: string, config: RunConfig): Promise<void> =>
  writeFileAtomic(join(folder, RUN_FILES.config), `${JSON.stringify(config, undefined, 2)}\n`);

/** One line of metrics.jsonl. */
export interface Metrics {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number | null;
  readonly testAccuracy: number | null;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly lr: number;
}

/** An epoch as metrics.jsonl has it. */
export const metricsOf = ({ epoch, loss, accuracy, validation, seconds, imagesPerSecond, lr }: Epoch): Metrics => ({
  epoch,
  trainLoss: loss,
  trainAccuracy: accuracy,
  testLoss: validation?.loss ?? null,
  testAccuracy: validation?.accuracy ?? null,
  seconds,
  imagesPerSecond,
  lr,
});

/** Writes metrics.jsonl anew: one object per epoch. */
export const writeMetrics = (folder: string, epochs: readonly Epoch[]): Promise<void> =>
  writeFileAtomic(join(folder, RUN_FILES.metrics), epochs.map((epoch) => `${JSON.stringify(metricsOf(epoch))}\n`).join(""));

/** Writes weights.safetensors and gives its SHA-256. */
export async function writeWeights(folder: string, model: Module): Promise<string> {
  const bytes = await weightsFile(model);
  await writeFileAtomic(join(folder, RUN_FILES.weights), bytes);
  return sha256(bytes);
}

/** Writes report.html. */
export const writeReport = (folder: string, html: string): Promise<void> => writeFileAtomic(join(folder, RUN_FILES.report), html);
