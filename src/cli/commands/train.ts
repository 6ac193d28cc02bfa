import type { Command } from "commander";
import { augmentation } from "../augment.ts";
import { act, command } from "../command.ts";
import { withMachine } from "../machine.ts";
import { defaultOf, OPTIMIZERS, type OptimizerName } from "../optimizers.ts";
import { DATA_HELP, MODEL_HELP, modelName, number, oneOf, wholeNumber } from "../options.ts";
import { SCHEDULES, type ScheduleName } from "../schedules.ts";
import { train } from "../train.ts";
import type { TrainOptions } from "../trainOptions.ts";

/** `fovea train`: trains a network and keeps it in a folder. */
export function trainCommand(): Command {
  const examples = [
    ["LeNet-5 on generated digits, which need no download", "fovea train"],
    ["MNIST, downloaded once", "fovea train --data mnist"],
    ["idx files of your own", "fovea train --data ./my-digits --epochs 20 --out runs/mine"],
    ["a residual network on photographs", "fovea train --data cifar-10 --model resnet20 --augment flip,crop --epochs 30"],
    ["figures for another program", "fovea train --json > result.json"],
  ] as const;
  const optimizers = Object.keys(OPTIMIZERS) as OptimizerName[];
  const schedules = Object.keys(SCHEDULES) as ScheduleName[];
  const ways = Object.entries(SCHEDULES).map(([name, { help }]) => `${name} (${help})`);
  const made = command("train", "Train a network: progress on the terminal, weights and a report in a folder.", examples)
    .option("--data <data>", DATA_HELP, "strokes")
    .option("--model <name>", MODEL_HELP, modelName("--model"), "lenet5")
    .option("--epochs <n>", "how often each training image is seen", wholeNumber("--epochs", 1), 5)
    .option("--batch-size <n>", "images per step", wholeNumber("--batch-size", 1), 64)
    .option("--optimizer <name>", optimizers.join(", "), oneOf("--optimizer", optimizers), "sgd")
    .option("--lr <rate>", `learning rate at its highest (default: ${defaultOf("lr")})`, number("--lr", 0, false))
    .option(
      "--momentum <share>",
      `how much of a step goes into the next, Adam's first beta (default: ${defaultOf("momentum")})`,
      number("--momentum", 0, true),
    )
    .option(
      "--weight-decay <rate>",
      `how much large weights are pulled towards zero (default: ${defaultOf("weightDecay")})`,
      number("--weight-decay", 0, true),
    )
    .option("--schedule <name>", `how the learning rate changes: ${ways.join(", ")}`, oneOf("--schedule", schedules), "cosine")
    .option("--warmup <epochs>", "epochs in which the learning rate grows from 0 before that", number("--warmup", 0, true), 0)
    .option(
      "--augment <ways>",
      "train on changed images: flip (left and right, half of them), crop or crop=PIXELS (moved by up to 4, or so many), or both: flip,crop",
      augmentation,
    )
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
