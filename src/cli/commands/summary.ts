import type { Command } from "commander";
import { summary } from "../../analysis/summary.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { createModel, models } from "../../models/registry.ts";
import type { Module } from "../../nn/module.ts";
import type { Optimizer } from "../../optim/optimizer.ts";
import { SGD } from "../../optim/sgd.ts";
import { readRun } from "../../train/node.ts";
import { count } from "../../train/report/format.ts";
import { act, type CommonOptions, command, type Outcome } from "../command.ts";
import { modelOf } from "../network.ts";
import { OPTIMIZERS, type OptimizerName } from "../optimizers.ts";
import { checkSizes, inputSizes, MODEL_HELP, MODEL_NAMES, modelName, oneOf, wholeNumber } from "../options.ts";

interface Options extends CommonOptions {
  readonly input?: Shape;
  readonly classes?: number;
  readonly markdown?: boolean;
  readonly batchSize: number;
  readonly optimizer: StepName;
}

/** Optimizers by what they keep: SGD does without a momentum here, unless it is asked for. */
type StepName = "sgd" | "momentum" | Exclude<OptimizerName, "sgd">;
const STEPS: readonly StepName[] = ["sgd", "momentum", ...(Object.keys(OPTIMIZERS) as OptimizerName[]).filter((name) => name !== "sgd")];

const COLUMNS = `
Columns:
  weights      numbers that are learnt; one in two places counts once
  units        outputs that are sums: of convolutions, products and pools
  connections  one for each multiply-add and each pooled element
  with bias    one more for each unit that a bias is added to, as LeCun counts
  mult-adds    of convolutions and matrix products, forward
  field        pixels of the input that a unit sees / from one unit to the next`;

/** `fovea summary`: what a network consists of and what it costs. */
export function summaryCommand(): Command {
  const examples = [
    ["layers, weights, units, connections, memory", "fovea summary lenet5"],
    ["the same for colour images", "fovea summary lenet5 --input 3x32x32"],
    ["memory to train with batches of 64 and Adam", "fovea summary lenet5 --batch-size 64 --optimizer adam"],
    ["for a page of your own", "fovea summary lenet5 --markdown > lenet5.md"],
    ["the network of a run", "fovea summary runs/mine"],
    ["what a weights file holds", "fovea summary lenet.safetensors"],
  ] as const;
  const made = command("summary", "Show the layers of a network and what they cost.", examples)
    .argument("<network>", `${MODEL_HELP}; a run's folder; or a weights file`)
    .option("--input <sizes>", "sizes of one input, such as 3x224x224 (default: as published, or what the run was trained on)", inputSizes)
    .option("--classes <n>", "classes to tell apart (default: as published, or what the run was trained on)", wholeNumber("--classes", 1))
    .option("--batch-size <n>", "inputs that memory is counted for", wholeNumber("--batch-size", 1), 1)
    .option("--optimizer <name>", `what trains it, for memory: ${STEPS.join(", ")}`, oneOf("--optimizer", STEPS), "sgd")
    .option("--markdown", "write Markdown, with every number in full")
    .addHelpText("after", COLUMNS);
  return act<Options>(made, async (_, options, [network = ""]) => {
    if (MODEL_NAMES.includes(network)) return layers(network, options, models[network]!.input, models[network]!.classes);
    // A word without a dot or slash that names nothing on the disk was meant as a model.
    const saved = await readRun(network).catch((error: unknown) => {
      if (/^[\w-]+$/.test(network)) modelName("the network")(network);
      throw error;
    });
    if (!saved.config) return tensors(saved.file, saved.weights);
    const { data } = saved.config;
    return layers(modelOf(saved.config, saved.file), options, data.imageShape, data.classes.length);
  });
}

function layers(name: string, options: Options, input: Shape, classes: number): Outcome {
  const shape = options.input ?? input;
  checkSizes(name, shape);
  const model: Module = createModel(name, { input: shape, classes: options.classes ?? classes });
  const { dtype } = models[name]!;
  const found = summary(model, shape, { name, dtype, batch: options.batchSize, optimizer: stepOf(options.optimizer) });
  // Another width may be another text: only people get it, files always get the same.
  const width = process.stdout.isTTY ? Math.max(80, process.stdout.columns) : 80;
  return {
    json: options.json ? found.toJSON() : {},
    text: options.json ? "" : options.markdown ? found.markdown() : found.text(width),
  };
}

function stepOf(name: StepName): Optimizer {
  if (name === "sgd") return new SGD({ lr: 1 });
  const { rates, make } = OPTIMIZERS[name === "momentum" ? "sgd" : name];
  return make(rates);
}

function tensors(file: string, weights: ReadonlyMap<string, { readonly dtype: string; readonly shape: readonly number[] }>): Outcome {
  const rows = [...weights].map(([name, { dtype, shape }]) => ({ name, dtype, shape, elements: sizeOf(shape) }));
  const total = rows.reduce((sum, row) => sum + row.elements, 0);
  const cells = [
    ...rows.map((row) => [row.name, row.dtype, row.shape.join(" x ") || "-", count(row.elements)]),
    ["total", "", "", count(total)],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) => row.map((cell, i) => (i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join("  "));
  return { json: { file, tensors: rows, elements: total }, text: [file, ...lines].join("\n") };
}
