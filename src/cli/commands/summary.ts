import type { Command } from "commander";
import { summary } from "../../analysis/summary.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Module } from "../../nn/module.ts";
import { readRun } from "../../train/node.ts";
import { count } from "../../train/report/format.ts";
import { act, type CommonOptions, command, type Outcome } from "../command.ts";
import { modelOf, newNetwork } from "../network.ts";
import { MODEL_NAMES, modelName, sizes, wholeNumber } from "../options.ts";

interface Options extends CommonOptions {
  readonly input?: readonly number[];
  readonly classes?: number;
}

/** `fovea summary`: what a network consists of and what it costs. */
export function summaryCommand(): Command {
  const examples = [
    ["layers, shapes, weights and multiply-adds", "fovea summary lenet5"],
    ["the same for colour images", "fovea summary lenet5 --input 3x32x32"],
    ["the network of a run", "fovea summary runs/mine"],
    ["what a weights file holds", "fovea summary lenet.safetensors"],
  ] as const;
  const made = command("summary", "Show the layers of a network and what they cost.", examples)
    .argument("<network>", `${MODEL_NAMES.join(", ")}, a run's folder or a weights file`)
    .option(
      "--input <sizes>",
      "channels x height x width of an image (default: 1x28x28, or what the run was trained on)",
      sizes("--input", 3),
    )
    .option("--classes <n>", "classes to tell apart (default: 10, or what the run was trained on)", wholeNumber("--classes", 1));
  return act<Options>(made, async (_, options, [network = ""]) => {
    const known = MODEL_NAMES.find((name) => name === network);
    if (known) return layers(known, options.input ?? [1, 28, 28], options.classes ?? 10);
    // A word without a dot or slash that names nothing on the disk was meant as a model.
    const saved = await readRun(network).catch((error: unknown) => {
      if (/^[\w-]+$/.test(network)) modelName("the network")(network);
      throw error;
    });
    if (!saved.config) return tensors(saved.file, saved.weights);
    const { data } = saved.config;
    return layers(modelOf(saved.config, saved.file), options.input ?? data.imageShape, options.classes ?? data.classes.length);
  });
}

function layers(name: string, [channels, height, width]: readonly number[], classes: number): Outcome {
  const imageShape = [channels!, height!, width!] as const;
  const model = newNetwork(name, { imageShape, classes: Array.from({ length: classes }, (_, k) => `${k}`) });
  const found = summary(model as Module, imageShape);
  return {
    json: { model: name, input: found.input, layers: found.rows, totals: found.totals, warnings: found.warnings },
    text: `${found}`,
  };
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
