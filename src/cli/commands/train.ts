import type { Command } from "commander";
import { act, command } from "../command.ts";
import { withMachine } from "../machine.ts";
import { DATA_HELP, MODEL_NAMES, modelName, number, oneOf, wholeNumber } from "../options.ts";
import { SCHEDULES } from "../schedules.ts";
import { type TrainOptions, train } from "../train.ts";

/** `fovea train`: trains a network and keeps it in a folder. */
export function trainCommand(): Command {
  const examples = [
    ["LeNet-5 on generated digits, which need no download", "fovea train"],
    ["MNIST, downloaded once", "fovea train --data mnist"],
    ["idx files of your own", "fovea train --data ./my-digits --epochs 20 --out runs/mine"],
    ["figures for another program", "fovea train --json > result.json"],
  ] as const;
  const schedules = Object.keys(SCHEDULES) as (keyof typeof SCHEDULES)[];
  const made = command("train", "Train a network: progress on the terminal, weights and a report in a folder.", examples)
    .option("--data <data>", DATA_HELP, "strokes")
    .option("--model <name>", MODEL_NAMES.join(", "), modelName("--model"), "lenet5")
    .option("--epochs <n>", "how often each training image is seen", wholeNumber("--epochs", 1), 5)
    .option("--batch-size <n>", "images per step", wholeNumber("--batch-size", 1), 64)
    .option("--lr <rate>", "learning rate at the start", number("--lr", 0, false), 0.05)
    .option("--momentum <share>", "how much of a step goes into the next", number("--momentum", 0, true), 0.9)
    .option("--weight-decay <rate>", "how much large weights are pulled towards zero", number("--weight-decay", 0, true), 0)
    .option("--schedule <name>", `how the learning rate goes down: ${schedules.join(", ")}`, oneOf("--schedule", schedules), "cosine")
    .option("--seed <n>", "another seed, another network; the same seed, the same bits", wholeNumber("--seed", 0), 1)
    .option(
      "--hold-out <n>",
      "test on the last n training images instead of the test set, to choose options by",
      wholeNumber("--hold-out", 1),
    )
    .option("--out <folder>", "where to keep weights, metrics and report (default: runs/<model>-<data>-<date>-<time>)")
    .option("--force", "overwrite the run that is in that folder");
  return act<TrainOptions>(withMachine(made), train);
}
