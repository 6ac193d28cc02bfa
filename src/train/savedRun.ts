/** For Node only. Reading what a run left behind. */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { NdArray } from "../base/ndarray.ts";
import { fromSafetensors } from "../interop/safetensors.ts";
import { parseConfig, type RunConfig } from "./runConfig.ts";
import { RUN_FILES, RunFolderError } from "./runFolder.ts";

/** Weights, and what is known of the run they come from. */
export interface SavedRun {
  /** Path of the weights. */
  readonly file: string;
  readonly weights: ReadonlyMap<string, NdArray>;
  /** Undefined for a weights file from elsewhere. */
  readonly config: RunConfig | undefined;
}

/** A run by its folder, or any safetensors file. Throws RunFolderError (nothing there) and FormatError (a damaged file). */
export async function readRun(path: string): Promise<SavedRun> {
  const isFolder = await stat(path).then((found) => found.isDirectory(), unreadable(path));
  const file = isFolder ? join(path, RUN_FILES.weights) : path;
  const weights = fromSafetensors(await readFile(file).catch(unreadable(file)), file).tensors;
  // Other programs write a config.json as well, but beside weights of another name.
  const isRun = isFolder || basename(path) === RUN_FILES.weights;
  const configFile = join(dirname(file), RUN_FILES.config);
  const text = isRun ? await readFile(configFile, "utf8").catch(isFolder ? unreadable(configFile) : () => undefined) : undefined;
  return { file, weights, config: text === undefined ? undefined : parseConfig(text, configFile) };
}

const unreadable =
  (path: string) =>
  (cause: NodeJS.ErrnoException): never => {
    const reason = cause.code === "ENOENT" ? "no such file or folder" : cause.message;
    throw new RunFolderError(`${path}: a run's folder or a safetensors file was expected, got ${reason}`, { cause });
  };
