/**
 * How long it takes until a program runs:
 *
 *     npx tsx bench/compile.ts [MODEL...] [--mode eval|train] [--batch N] [--threads N] [--rounds N]
 *
 * Each round is a process of its own, because compilers get faster while they run: what users wait for is the first time. Figures are
 * medians in milliseconds. `compile` is the sum of what compile() does with a traced graph: optimize, plan, lower, emit and load. The
 * model's weights are not drawn: `init` says how long that would take.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

/** The phases, in order. */
const PHASES = ["import", "init", "trace", "optimize", "plan", "lower", "emit", "load", "run"] as const;
type Phase = (typeof PHASES)[number];
/** Those that make a program of a graph. */
const COMPILING: readonly Phase[] = ["optimize", "plan", "lower", "emit", "load"];

interface Setting {
  readonly model: string;
  readonly mode: "eval" | "train";
  readonly batch: number;
  readonly threads: number;
}

type Phases = Readonly<Record<Phase, number>>;

/** Milliseconds of each phase, in this process. */
async function measure({ model: name, mode, batch, threads }: Setting): Promise<Phases> {
  const times: [Phase, number][] = [];
  let last = performance.now();
  const done = (phase: Phase): void => {
    const now = performance.now();
    times.push([phase, now - last]);
    last = performance.now();
  };
  const [{ inferenceGraph, trainingGraph }, { CONTROL_BYTES }, { emitProgram, pagesFor }, { createModel, models }] = await Promise.all([
    import("../src/analysis/summary/programs.ts"),
    import("../src/backend/wasm/barrier.ts"),
    import("../src/backend/wasm/program.ts"),
    import("../src/models/index.ts"),
  ]);
  const [{ SGD }, { optimize }, { planGraph }, { lowerSteps }] = await Promise.all([
    import("../src/optim/index.ts"),
    import("../src/passes/optimize.ts"),
    import("../src/plan/plan.ts"),
    import("../src/runtime/wasm.ts"),
  ]);
  done("import");
  const kind = { shape: models[name]!.input, dtype: models[name]!.dtype };
  createModel(name).initialize(1);
  done("init");
  const model = createModel(name);
  const traced =
    mode === "eval" ? inferenceGraph(model, kind, batch) : trainingGraph(model, kind, batch, new SGD({ lr: 0.1, momentum: 0.9 }));
  done("trace");
  const graph = optimize(traced);
  done("optimize");
  const plan = planGraph(graph, CONTROL_BYTES, threads);
  done("plan");
  const steps = lowerSteps(plan);
  done("lower");
  const bytes = emitProgram({ steps, locals: plan.locals, memoryBytes: plan.bytes, shared: threads > 1 });
  done("emit");
  const module = new WebAssembly.Module(bytes);
  done("load");
  // Engines compile a function when it is first called: that is part of the first run.
  const pages = pagesFor(plan.bytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: threads > 1 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (threads === 1) (exports.run as (thread: number) => void)(0);
  done("run");
  return Object.fromEntries(times) as unknown as Phases;
}

/** The phases in a process of its own. */
function measureApart(setting: Setting): Phases {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, import.meta.filename, "--apart", JSON.stringify(setting)],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr.trim());
  return JSON.parse(stdout) as Phases;
}

const median = (x: readonly number[]): number => [...x].sort((a, b) => a - b)[x.length >> 1]!;

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { mode: text, batch: text, threads: text, rounds: text, apart: text },
  });
  if (values.apart !== undefined) {
    console.log(JSON.stringify(await measure(JSON.parse(values.apart) as Setting)));
    return;
  }
  const whole = (name: "batch" | "threads" | "rounds", otherwise: number): number => {
    const n = Number(values[name] ?? otherwise);
    if (!Number.isInteger(n) || n < 1) throw new Error(`--${name} must be a whole number of at least 1, got ${values[name]}`);
    return n;
  };
  const { mode = "train" } = values;
  if (mode !== "eval" && mode !== "train") throw new Error(`--mode must be eval or train, got ${mode}`);
  const [batch, threads, rounds] = [whole("batch", 2), whole("threads", 1), whole("rounds", 5)];
  const { models } = await import("../src/models/index.ts");
  const names = positionals.length > 0 ? positionals : ["lenet5", "resnet20", "resnet18"];
  for (const name of names) if (!Object.hasOwn(models, name)) throw new Error(`the model must be one of the zoo, got ${name}`);
  console.log(["model".padEnd(14), ...[...PHASES, "compile"].map((phase) => phase.padStart(9))].join(""));
  for (const model of names) {
    const runs = Array.from({ length: rounds }, () => measureApart({ model, mode, batch, threads }));
    const compiling = median(runs.map((r) => COMPILING.reduce((sum, phase) => sum + r[phase], 0)));
    const figures = [...PHASES.map((phase) => median(runs.map((r) => r[phase]))), compiling];
    console.log([model.padEnd(14), ...figures.map((ms) => ms.toFixed(0).padStart(9))].join(""));
  }
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
