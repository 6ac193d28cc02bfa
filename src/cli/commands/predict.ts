import type { Command } from "commander";
import { NdArray } from "../../base/ndarray.ts";
import { readImage } from "../../data/image.ts";
import { predict, readRun } from "../../train/node.ts";
import { probability } from "../../train/report/format.ts";
import { act, type CommonOptions, command, type Outcome } from "../command.ts";
import { Failure, UsageError } from "../failure.ts";
import { backendFor, type MachineOptions, withMachine } from "../machine.ts";
import { restore } from "../network.ts";

interface Options extends CommonOptions, MachineOptions {
  readonly run: string;
}

/** Classes named beside the likeliest one. */
const ALSO = 2;

/** `fovea predict`: what a saved network takes pictures for. */
export function predictCommand(): Command {
  const examples = [
    ["what is in one picture", "fovea predict --run runs/mine digit.png"],
    ["in many, for another program", "fovea predict --run runs/mine *.jpg --json"],
  ] as const;
  const made = command("predict", "Say what is in pictures. Needs the package sharp: npm install sharp", examples)
    .argument("<image...>", "PNG, JPEG, WebP, GIF or TIFF; scaled to what the network takes, light paper inverted where it must be")
    .requiredOption("--run <folder>", "a run's folder");
  return act<Options>(withMachine(made), predictFiles);
}

async function predictFiles(_: unknown, options: Options, files: readonly string[]): Promise<Outcome> {
  const saved = await readRun(options.run);
  if (!saved.config) throw new UsageError(`--run must be a run's folder, which says what the weights are for, got ${options.run}`);
  const { data } = saved.config;
  const { model } = restore(saved, undefined, data);
  const [channels, height, width] = data.imageShape;
  if (channels !== 1 && channels !== 3)
    throw new Failure(`${options.run}: pictures have 1 channel or 3, but the network takes ${channels}`);
  const images = new NdArray("u8", [files.length, channels, height, width]);
  for (const [i, file] of files.entries()) {
    images.data.set((await readImage(file, { channels, height, width })).data, i * channels * height * width);
  }
  const found = await predict(model, images, { ...data, backend: backendFor(options) });
  const predictions = files.map((file, i) => {
    const row = [...found.probabilities.data.subarray(i * data.classes.length, (i + 1) * data.classes.length)];
    const index = found.classes[i]!;
    return { file, class: data.classes[index]!, index, probability: row[index]!, probabilities: row };
  });
  const longest = Math.max(...files.map((file) => file.length));
  const lines = predictions.map(({ file, class: name, index, probability: p, probabilities }) => {
    const others = probabilities
      .map((q, k) => ({ q, k }))
      .filter(({ q, k }) => k !== index && q >= 0.01)
      .sort((a, b) => b.q - a.q)
      .slice(0, ALSO)
      .map(({ q, k }) => `${data.classes[k]} ${probability(q)}`);
    return `${file.padEnd(longest)}  ${name}  ${probability(p)}${others.length > 0 ? `  (${others.join(", ")})` : ""}`;
  });
  return { json: { run: options.run, predictions }, text: lines.join("\n") };
}
