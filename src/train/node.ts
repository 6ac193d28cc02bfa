/** fovea/train/node: everything of fovea/train, and the folders that runs are kept in. */
export * from "./index.ts";
export { parseConfig, type RunConfig, type RunConfigFault, type RunData } from "./runConfig.ts";
export {
  createRunFolder,
  discardRunFolder,
  type Metrics,
  metricsOf,
  RUN_FILES,
  RunFolderError,
  writeConfig,
  writeMetrics,
  writeReport,
  writeWeights,
} from "./runFolder.ts";
export { readRun, type SavedRun } from "./savedRun.ts";
