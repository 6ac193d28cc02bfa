import { type Shape, sizeOf } from "../base/shape.ts";
import { input } from "../ir/tensor.ts";
import { type AuxiliaryOutput, withAuxiliaries, withTrace } from "../ir/trace.ts";
import type { Module } from "../nn/module.ts";
import type { RunConfig, Start } from "../train/node.ts";
import { count, counted, size } from "../train/report/format.ts";
import { augmentText } from "./augment.ts";
import { hanging } from "./hanging.ts";
import { SCHEDULES, type ScheduleName } from "./schedules.ts";
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
  const heads = auxiliaryHeads(model, data.imageShape).map(({ path, weight }) => `${weight} x ${path}`);
  const rows = {
    network: `${config.model}, ${count(weights)} weights`,
    // What the training loss is more than the test loss.
    ...(heads.length > 0 && { heads: `${heads.join(", ")}: so much of their losses is added in training` }),
    data: `${data.source}: ${count(data.trainImages)} images to train on, ${count(data.testImages)} to test on, ${data.imageShape.join(" x ")}, ${data.classes.length} classes`,
    // The test set says so by its name where it is none by itself.
    ...(data.testedOn.endsWith(" test") ? {} : { test: data.testedOn }),
    training: trainingText(training),
    memory: `${size(total)}: ${parts.join(", ")}`,
    threads: `${threads} (${config.backend})`,
    folder,
  };
  const say = (name: string, text: string): void =>
    terminal.line(hanging(`${terminal.dim(name.padEnd(8))}  `, name.padEnd(8).length + 2, text, terminal.width));
  for (const [name, text] of Object.entries(rows)) say(name, text);
  for (const { message } of warnings) say("warning", message);
  terminal.line("");
}

/** The heads whose losses training adds, as tracing the network finds them. Nothing is computed. */
function auxiliaryHeads(model: Module, imageShape: Shape): readonly AuxiliaryOutput[] {
  const forward = (): unknown => model.forward(input("images", [2, ...imageShape]) as never);
  return withTrace({ mode: "train", updates: new Map() }, () => withAuxiliaries(forward)).auxiliaries;
}

function trainingText(training: RunConfig["training"]): string {
  const { epochs, batchSize, optimizer, lr, schedule, warmup, momentum, weightDecay, augment, seed } = training;
  const rate = `learning rate ${lr} (${schedule}${warmup === 0 ? "" : `, after ${warmup} ${warmup === 1 ? "epoch" : "epochs"} of warm-up`})`;
  const changes = augmentText(augment);
  return [
    `${counted(epochs, "epoch")} in batches of ${batchSize}`,
    `${optimizer} with ${rate}`,
    momentum !== 0 && SCHEDULES[schedule as ScheduleName].momentum ? "momentum by the schedule" : `momentum ${momentum}`,
    ...(weightDecay === 0 ? [] : [`weight decay ${weightDecay}`]),
    ...(changes === undefined ? [] : [`images changed by ${changes}`]),
    `seed ${seed}`,
  ].join(", ");
}
