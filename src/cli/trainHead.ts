import { sizeOf } from "../base/shape.ts";
import type { Module } from "../nn/module.ts";
import type { RunConfig, Start } from "../train/node.ts";
import { count, counted, size } from "../train/report/format.ts";
import type { Terminal } from "./terminal.ts";

/** Says, before the first step, what is trained on what, and what that takes. */
export function describeTraining(
  terminal: Terminal,
  model: Module,
  config: RunConfig,
  { memory, threads, warnings }: Start,
  folder: string,
): void {
  const { data, training } = config;
  const weights = model.parameters().reduce((sum, p) => sum + sizeOf(p.shape), 0);
  const { total, ...kinds } = memory;
  const parts = Object.entries(kinds).map(([kind, bytes]) => `${kind} ${size(bytes)}`);
  const rows = {
    network: `${config.model}, ${count(weights)} weights`,
    data: `${data.source}: ${count(data.trainImages)} images to train on, ${count(data.testImages)} to test on, ${data.imageShape.join(" x ")}, ${data.classes.length} classes`,
    training: `${counted(training.epochs, "epoch")} in batches of ${training.batchSize}, learning rate ${training.lr} (${training.schedule}), momentum ${training.momentum}, seed ${training.seed}`,
    memory: `${size(total)}: ${parts.join(", ")}`,
    threads: `${threads} (${config.backend})`,
    folder,
  };
  const say = (name: string, text: string): void =>
    terminal.line(hanging(terminal.dim(name.padEnd(8)), name.padEnd(8).length, text, terminal.width));
  for (const [name, text] of Object.entries(rows)) say(name, text);
  for (const { message } of warnings) say("warning", message);
  terminal.line("");
}

/** A text behind a name, its lines broken at spaces and indented. `length` is the name's, which may have colours in it. */
function hanging(name: string, length: number, text: string, width: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1]!;
    if (line === "") lines[lines.length - 1] = word;
    else if (length + 2 + line.length + 1 + word.length < width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return `${name}  ${lines.join(`\n${" ".repeat(length + 2)}`)}`;
}
