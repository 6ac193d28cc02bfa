import type { Backend } from "../src/index.ts";
import { freshNetwork, runFresh } from "./freshProcess.ts";
import { convProgram, networkProgram, type Passes, poolProgram, type Timed } from "./programs.ts";
import type { Row } from "./report.ts";
import { isNoisy, median, minimum, type Timing, time } from "./stopwatch.ts";
import { type ConvWork, flopsOf, forwardBytes, type NetworkWork, type PoolWork, trainingBytes, type WorkList } from "./workList.ts";

/** Processes whose median a figure of fresh processes is. */
const PROCESSES = 3;
const PASSES: readonly Passes[] = ["fwd", "fwdbwd"];

/** Where and against what to measure. */
export interface Setting {
  readonly backend: Backend;
  /** The backend's name. */
  readonly name: string;
  readonly threads: number;
  /** What one core can do at most. */
  readonly peakGflops: number;
}

/** A piece of work by its name; it gives one row or more. */
export interface Work {
  readonly name: string;
  measure(setting: Setting): Promise<Row[]>;
}

/** Everything that is timed, in order. */
export const allWork = ({ convs, pools, networks }: WorkList): Work[] => [
  ...convs.flatMap((w) => PASSES.map((passes): Work => ({ name: `conv ${w.id}`, measure: (s) => measureConv(s, w, passes) }))),
  ...pools.flatMap((w) => PASSES.map((passes): Work => ({ name: w.id, measure: (s) => measurePool(s, w, passes) }))),
  ...networks.flatMap((w) => w.passes.map((pass): Work => ({ name: w.id, measure: (s) => measureNetwork(s, w, pass) }))),
  ...(networks.length > 0 ? [{ name: FIRST, measure: measureFirstResult }] : []),
];

async function measureConv({ backend, threads, peakGflops }: Setting, w: ConvWork, passes: Passes): Promise<Row[]> {
  const timing = await timeProgram(convProgram(backend, w, passes));
  // The gradients by input and weight are as many multiply-adds as the output, each.
  const flops = flopsOf(w) * (passes === "fwd" ? 1 : 3);
  const [row] = rowsOf(`conv ${w.id}`, threads, timing, [[`${passes}_gflops`, "GFLOP/s", (ms) => flops / ms / 1e6]]);
  return [{ ...row!, share: row!.figure.value / (peakGflops * threads) }];
}

async function measurePool({ backend, threads }: Setting, w: PoolWork, passes: Passes): Promise<Row[]> {
  const timing = await timeProgram(poolProgram(backend, w, passes));
  const bytes = passes === "fwd" ? forwardBytes(w) : trainingBytes(w);
  return rowsOf(w.id, threads, timing, [
    [`${passes}_ms`, "ms", (ms) => ms],
    [`${passes}_gb_per_s`, "GB/s", (ms) => bytes / ms / 1e6],
  ]);
}

async function measureNetwork({ backend, name, threads }: Setting, w: NetworkWork, pass: "fwd" | "step"): Promise<Row[]> {
  const timing = await timeProgram(networkProgram(backend, w, pass));
  const fresh = await freshNetwork(w, pass, name, threads, PROCESSES);
  const row = (metric: string, value: number, unit: string, best = value): Row => ({
    figure: { work: w.id, metric: `${pass}_${metric}`, threads, value, unit },
    best,
    noisy: false,
  });
  return [
    ...rowsOf(w.id, threads, timing, [
      [`${pass}_ms`, "ms", (ms) => ms],
      [pass === "step" ? "images_per_s" : "fwd_images_per_s", "images/s", (ms) => (1000 * w.n) / ms],
    ]),
    row("peak_mib", fresh.peakBytes / 2 ** 20, "MiB"),
    row("module_kib", fresh.moduleBytes / 2 ** 10, "KiB"),
    row("compile_ms", fresh.compileMs, "ms", fresh.bestCompileMs),
  ];
}

const FIRST = "first lenet result";

/** From spawning a process to its exit. Threads would only add their start. */
async function measureFirstResult({ name, threads }: Setting): Promise<Row[]> {
  if (threads > 1) return [];
  const times = (await runFresh("firstResult.ts", [name], PROCESSES)).map((p) => p.ms);
  const figure = { work: FIRST, metric: "cold_ms", threads, value: median(times), unit: "ms" };
  return [{ figure, best: minimum(times), noisy: false }];
}

type Metric = readonly [name: string, unit: string, of: (ms: number) => number];

/** One row for each metric of the same time. */
const rowsOf = (work: string, threads: number, timing: Timing, metrics: readonly Metric[]): Row[] =>
  metrics.map(([metric, unit, of]) => ({
    figure: { work, metric, threads, value: of(timing.median), unit },
    best: of(timing.minimum),
    noisy: isNoisy(timing),
  }));

async function timeProgram(program: Promise<Timed>): Promise<Timing> {
  const { run, close } = await program;
  try {
    return await time(run);
  } finally {
    await close();
  }
}
