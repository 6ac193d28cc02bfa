import type { Command } from "commander";
import { profile } from "../../analysis/profile.ts";
import type { Shape } from "../../base/shape.ts";
import { writeFileAtomic } from "../../base/writeFileAtomic.ts";
import type { Mode } from "../../ir/trace.ts";
import { createModel, models } from "../../models/registry.ts";
import type { Module } from "../../nn/module.ts";
import { act, type CommonOptions, command } from "../command.ts";
import { UsageError } from "../failure.ts";
import { checkSizes, inputSizes, MODEL_HELP, modelName, oneOf, threadCount, wholeNumber } from "../options.ts";
import { renderProfile } from "../profile/page.ts";
import { profileText } from "../profile/text.ts";

interface Options extends CommonOptions {
  readonly model?: string;
  readonly batch: number;
  readonly mode: Mode;
  readonly input?: Shape;
  readonly threads: number;
  readonly top: number;
  readonly time: number;
  readonly out?: string;
}

const MODES: readonly Mode[] = ["eval", "train"];

/** `fovea profile`: where the time of a model's program goes. */
export function profileCommand(): Command {
  const examples = [
    ["a forward pass, step by step", "fovea profile resnet18"],
    ["a step of training with 32 images", "fovea profile resnet20 --mode train --batch 32"],
    ["as a page to look into", "fovea profile resnet18 --out profile.html"],
    ["all steps for a program", "fovea profile lenet5 --json"],
  ] as const;
  const made = command(
    "profile",
    "Show how long each step of a model's program takes, and how near it comes to the processor's peak.",
    examples,
  )
    .argument("[model]", MODEL_HELP)
    .option("--model <name>", "the same as an option", modelName("--model"))
    .option("--batch <n>", "inputs of one run", wholeNumber("--batch", 1), 1)
    .option("--mode <mode>", "eval for a forward pass, train for a step of training", oneOf("--mode", MODES), "eval")
    .option("--input <sizes>", "sizes of one input, such as 3x224x224 (default: as published)", inputSizes)
    .option("--threads <n>", "1: steps are measured in one thread", threadCount, 1)
    .option("--top <n>", "how many steps and layers the tables list", wholeNumber("--top", 1), 20)
    .option("--time <ms>", "how long to measure, about", wholeNumber("--time", 1), 2000)
    .option("--out <file>", "HTML file to write: the time as a picture to look into");
  return act<Options>(made, async (terminal, options, [argument]) => {
    const { batch, mode, threads, top, out } = options;
    const named = argument === undefined ? options.model : modelName("the model")(argument);
    if (named === undefined) throw new UsageError(`the model must be named: ${MODEL_HELP}`);
    if (options.model !== undefined && options.model !== named)
      throw new UsageError(`the model must be named once, got ${named} and --model ${options.model}`);
    if (threads !== 1) throw new UsageError(`--threads must be 1, because steps are measured one by one in one thread, got ${threads}`);
    if (out !== undefined && !/\.html?$/i.test(out)) throw new UsageError(`--out must name a page such as profile.html, got ${out}`);
    const { input, dtype, classes } = models[named]!;
    const shape = options.input ?? input;
    checkSizes(named, shape);
    terminal.status(`profiling ${named}`);
    const model: Module = createModel(named, { input: shape, classes });
    const found = await profile(model, shape, { name: named, dtype, batch, mode, milliseconds: options.time }).finally(() =>
      terminal.status(""),
    );
    if (out !== undefined) await writeFileAtomic(out, renderProfile(found));
    const page = out === undefined ? "" : `\n\npage  ${out}`;
    return { json: { ...found, ...(out !== undefined && { page: out }) }, text: options.json ? "" : `${profileText(found, top)}${page}` };
  });
}
