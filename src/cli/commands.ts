import type { Command } from "commander";
import { algorithmsCommand } from "./commands/algorithms.ts";
import { evalCommand } from "./commands/eval.ts";
import { experimentCommand } from "./commands/experiment.ts";
import { explainCommand } from "./commands/explain.ts";
import { filterCommand } from "./commands/filter.ts";
import { modelsCommand } from "./commands/models.ts";
import { predictCommand } from "./commands/predict.ts";
import { profileCommand } from "./commands/profile.ts";
import { summaryCommand } from "./commands/summary.ts";
import { trainCommand } from "./commands/train.ts";

/** Every command, in the order of `fovea --help`. A new one is its file and its line here. */
export const COMMANDS: readonly (() => Command)[] = [
  trainCommand,
  evalCommand,
  predictCommand,
  modelsCommand,
  summaryCommand,
  profileCommand,
  algorithmsCommand,
  filterCommand,
  explainCommand,
  experimentCommand,
];
