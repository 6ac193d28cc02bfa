import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { writeFileAtomic } from "../../base/writeFileAtomic.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { experiments } from "../../experiments/index.ts";
import { Lab } from "../../experiments/lab/lab.ts";
import { Stopped } from "../../experiments/lab/stopped.ts";
import { renderExperiment } from "../../experiments/page/page.ts";
import { type ExperimentRecord, jsonOf, type Protocol, runExperiment } from "../../experiments/record.ts";
import { wasm } from "../../runtime/wasm.ts";
import { duration } from "../../train/report/format.ts";
import { act, type CommonOptions, command, type Outcome } from "../command.ts";
import { loadShown } from "../data.ts";
import { experimentProgress } from "../experimentProgress.ts";
import { Failure, UsageError } from "../failure.ts";
import { hanging } from "../hanging.ts";
import { interruptible } from "../interrupt.ts";
import { environment } from "../machine.ts";
import { DATA_HELP, oneOf, threadCount, wholeNumber } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import { VERSION } from "../version.ts";

interface Options extends CommonOptions {
  readonly data?: string;
  readonly seed: number;
  readonly quick?: boolean;
  readonly threads?: number;
  readonly out?: string;
}

const NAMES = experiments.map(({ name }) => name);

/** `fovea experiment`: a question about convolutional networks, answered by measuring. */
export function experimentCommand(): Command {
  const examples = [
    ["which experiments there are", "fovea experiment"],
    ["what a fixed permutation of all pixels costs", "fovea experiment permuted-pixels --out permuted.html"],
    ["other images, another seed", "fovea experiment permuted-pixels --data mnist --seed 7"],
    ["seconds instead of minutes, to see that it works", "fovea experiment sharing --quick"],
  ] as const;
  const made = command("experiment", "Run an experiment: a question, measurements, and a page that says what they show.", examples)
    .argument("[name]", NAMES.join(", "))
    .option("--data <data>", `${DATA_HELP} (default: strokes)`)
    .option("--seed <n>", "another seed, other weights and images; the same seed, the same numbers to the bit", wholeNumber("--seed", 0), 1)
    .option("--quick", "so small that it takes seconds and shows nothing but that it works")
    .option("--threads <n>", "threads; results have the same bits for every number (default: all cores)", threadCount)
    .option("--out <file>", "page to write; its numbers go beside it as .json (default: runs/experiments/<name>.html)");
  return act<Options>(made, async (terminal, options, [name]) =>
    name === undefined ? list(terminal.width) : run(experiments[NAMES.indexOf(oneOf("the experiment", NAMES)(name))]!, options, terminal),
  );
}

function list(columns: number): Outcome {
  const width = Math.max(...NAMES.map((name) => name.length));
  return {
    json: { experiments: experiments.map(({ name, line, question, needsData }) => ({ name, line, question, needsData })) },
    text: experiments.map(({ name, line }) => hanging(`${name.padEnd(width)}  `, width + 2, line, columns)).join("\n"),
  };
}

async function run(experiment: Experiment, options: Options, terminal: Terminal): Promise<Outcome> {
  const { seed, quick = false, threads } = options;
  if (options.data !== undefined && !experiment.needsData) {
    throw new UsageError(`--data is not for ${experiment.name}, which makes its own inputs, got ${options.data}`);
  }
  const source = experiment.needsData ? (options.data ?? "strokes") : undefined;
  const out = options.out ?? join("runs", "experiments", `${experiment.name}.html`);
  if (!/\.html?$/i.test(out)) throw new UsageError(`--out must name a page such as ${experiment.name}.html, got ${out}`);
  const numbers = out.replace(/\.html?$/i, ".json");
  await mkdir(dirname(out), { recursive: true }).catch((cause: unknown) => {
    throw new Failure(`${dirname(out)}: the folder could not be made, got ${cause instanceof Error ? cause.message : cause}`, { cause });
  });
  const data = source === undefined ? undefined : await loadShown(source, terminal);
  terminal.line(terminal.bold(experiment.question));
  return interruptible(terminal, async (interruption) => {
    const lab = new Lab({
      ...(data && { data }),
      seed,
      quick,
      backend: wasm(threads === undefined ? {} : { threads }),
      signal: interruption.signal,
      onProgress: experimentProgress(terminal),
    });
    const protocol: Protocol = {
      experiment: experiment.name,
      seed,
      quick,
      ...(source !== undefined && { data: source }),
      command: commandLine(experiment.name, source, seed, quick),
    };
    let record: ExperimentRecord;
    try {
      record = await runExperiment(experiment, lab, protocol, { threads, environment: { Fovea: VERSION, ...environment() } });
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      return {
        json: { experiment: experiment.name, interrupted: true },
        text: "Stopped. Nothing was written.",
        exitCode: interruption.exitCode,
      };
    } finally {
      terminal.status("");
    }
    const json = jsonOf(record);
    await writeFileAtomic(numbers, `${JSON.stringify(json)}\n`);
    await writeFileAtomic(out, renderExperiment(record));
    return { json: { ...json, page: out, numbers }, text: textOf(record, out, numbers, terminal.width) };
  });
}

const quoted = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const commandLine = (name: string, data: string | undefined, seed: number, quick: boolean): string =>
  [
    "npx fovea experiment",
    name,
    ...(data === undefined ? [] : ["--data", quoted(data)]),
    "--seed",
    seed,
    ...(quick ? ["--quick"] : []),
  ].join(" ");

function textOf({ report, timed, circumstances, protocol }: ExperimentRecord, page: string, numbers: string, columns: number): string {
  return [
    hanging("", 0, report.answer, columns),
    "",
    ...[...report.says, ...(timed?.says ?? [])].map((text) => hanging("- ", 2, text, columns)),
    ...(protocol.quick ? ["", "A quick run: its figures show nothing but that everything works."] : []),
    "",
    `page     ${page}`,
    `numbers  ${numbers}`,
    `time     ${duration(circumstances.seconds)}`,
  ].join("\n");
}
