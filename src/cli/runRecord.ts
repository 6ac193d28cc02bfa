/** What is kept of a run beside its weights: how to repeat it, and where. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { countOf, type Split } from "../data/dataset.ts";
import type { RunConfig } from "../train/node.ts";
import { augmentText } from "./augment.ts";
import { environment } from "./machine.ts";
import type { TrainOptions, TrainSettings } from "./trainOptions.ts";
import { VERSION } from "./version.ts";

/** config.json of a training that starts now. */
export function configOf(options: TrainSettings, { train, test }: Split, threads: number): RunConfig {
  const { epochs, batchSize, optimizer, lr, momentum, weightDecay, schedule, warmup, augment, seed } = options;
  const { classes, imageShape, mean, std } = train;
  return {
    fovea: VERSION,
    started: new Date().toISOString(),
    command: commandLine(options),
    model: options.model,
    data: {
      source: options.data,
      trainImages: countOf(train),
      testImages: countOf(test),
      testedOn: test.name,
      classes,
      imageShape,
      mean,
      std,
    },
    training: { epochs, batchSize, optimizer, lr, momentum, weightDecay, schedule, warmup, augment, seed },
    backend: options.backend,
    threads,
    environment: environment(),
  };
}

/** The command that trains the same network again: all that its bits depend on, defaults written out. */
function commandLine(options: TrainSettings): string {
  const flags: readonly (readonly [flag: string, value: string | number | undefined])[] = [
    ["--data", quoted(options.data)],
    ["--model", options.model],
    ["--epochs", options.epochs],
    ["--batch-size", options.batchSize],
    ["--optimizer", options.optimizer],
    ["--lr", options.lr],
    ["--momentum", options.momentum],
    ["--weight-decay", options.weightDecay],
    ["--schedule", options.schedule],
    ["--warmup", options.warmup === 0 ? undefined : options.warmup],
    ["--augment", augmentText(options.augment)],
    ["--seed", options.seed],
    ["--hold-out", options.holdOut],
    ["--backend", options.backend],
  ];
  return ["npx fovea train", ...flags.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${value}`]))].join(" ");
}

const quoted = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** runs/<model>-<data>-<date>-<time>, with a number after it if there is one of that name. */
export function freshFolder({ model, data }: Pick<TrainOptions, "model" | "data">, now: Date = new Date()): string {
  const two = (n: number): string => `${n}`.padStart(2, "0");
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("");
  const set = basename(resolve(data)).replace(/[^\w.-]+/g, "_");
  const path = join("runs", `${model}-${set}-${date}-${time}`);
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path}-${n}`;
    if (!existsSync(candidate)) return candidate;
  }
}
