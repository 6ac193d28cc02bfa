import type { Command } from "commander";
import type { Dataset } from "../../data/dataset.ts";
import { countOf } from "../../data/dataset.ts";
import { type Evaluation, evaluate, readRun } from "../../train/node.ts";
import { count, percent } from "../../train/report/format.ts";
import { act, type CommonOptions, command, type Outcome } from "../command.ts";
import { loadShown } from "../data.ts";
import { UsageError } from "../failure.ts";
import { backendFor, type MachineOptions, withMachine } from "../machine.ts";
import { restore } from "../network.ts";
import { DATA_HELP, MODEL_HELP, modelName } from "../options.ts";
import { rowsOf } from "../reportData.ts";
import type { Terminal } from "../terminal.ts";

interface Options extends CommonOptions, MachineOptions {
  readonly data?: string;
  readonly model?: string;
}

/** `fovea eval`: how well a saved network does on a test set. */
export function evalCommand(): Command {
  const examples = [
    ["the test set of the data it was trained on", "fovea eval runs/mine"],
    ["another data set of the same kind", "fovea eval runs/mine --data mnist"],
    ["weights from elsewhere", "fovea eval lenet.safetensors --model lenet5 --data mnist"],
  ] as const;
  const made = command("eval", "Test a saved network: accuracy, loss and confusion matrix.", examples)
    .argument("<run>", "a run's folder or a weights file")
    .option("--data <data>", `${DATA_HELP} (default: what the run was trained on)`)
    .option("--model <name>", `for weights from elsewhere: ${MODEL_HELP}`, modelName("--model"));
  return act<Options>(withMachine(made), evaluateSaved);
}

async function evaluateSaved(terminal: Terminal, options: Options, [path = ""]: readonly string[]): Promise<Outcome> {
  const saved = await readRun(path);
  const { config } = saved;
  const source = options.data ?? config?.data.source;
  if (source === undefined) throw new UsageError(`--data must say what to test ${path} on: ${DATA_HELP}`);
  const { test } = await loadShown(source, terminal);
  const { model, name } = restore(saved, options.model, test);
  // Images are normalised as they were in training, whatever data they are from.
  const data: Dataset = config ? { ...test, mean: config.data.mean, std: config.data.std } : test;
  const onBatch = (done: number, images: number): void => terminal.status(`testing: ${count(done)} of ${count(images)} images`);
  const found = await evaluate(model, data, { backend: backendFor(options), onBatch }).finally(() => terminal.status(""));
  return {
    json: {
      testAccuracy: found.accuracy,
      testLoss: found.loss,
      correct: found.correct,
      images: countOf(test),
      seconds: found.seconds,
      classes: test.classes,
      confusion: rowsOf(found.confusion),
      model: name,
      data: source,
      testedOn: test.name,
      weights: saved.file,
    },
    text: describe(found, test),
  };
}

function describe(found: Evaluation, test: Dataset): string {
  const images = countOf(test);
  const confusion = rowsOf(found.confusion);
  const mistaken = confusion
    .flatMap((row, truth) => row.map((n, taken) => ({ truth, taken, n })))
    .filter(({ truth, taken, n }) => truth !== taken && n > 0)
    .sort((a, b) => b.n - a.n);
  const width = Math.max(5, ...test.classes.map((name) => name.length));
  const perClass = test.classes.map((name, k) => {
    const of = confusion[k]!.reduce((a, b) => a + b, 0);
    const most = mistaken.find(({ truth }) => truth === k);
    const share = of === 0 ? "-" : percent(confusion[k]![k]! / of, of);
    return `${name.padEnd(width)}  ${share.padStart(8)}  ${most ? `${count(most.n)} taken for ${test.classes[most.taken]}` : ""}`.trimEnd();
  });
  return [
    `${test.name}: accuracy ${percent(found.accuracy, images)} (${count(found.correct)} of ${count(images)} images), loss ${found.loss.toFixed(4)}`,
    "",
    `${"class".padEnd(width)}  accuracy  most frequent mistake`,
    ...perClass,
  ].join("\n");
}
