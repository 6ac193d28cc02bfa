import type { Backend } from "../src/index.ts";
import { convProgram, lenetStep, type Passes, poolProgram, type Timed } from "./programs.ts";
import type { Row } from "./report.ts";
import { isNoisy, type Timing, time } from "./stopwatch.ts";
import { type ConvWork, flopsOf, forwardBytes, type PoolWork, trainingBytes, type WorkList } from "./workList.ts";

const BATCH = 64;
const PASSES: readonly Passes[] = ["fwd", "fwdbwd"];

/** Where and against what to measure. */
export interface Setting {
  readonly backend: Backend;
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
export const allWork = ({ convs, pools }: WorkList): Work[] => [
  ...convs.flatMap((w) => PASSES.map((passes): Work => ({ name: `conv ${w.id}`, measure: (s) => measureConv(s, w, passes) }))),
  ...pools.flatMap((w) => PASSES.map((passes): Work => ({ name: w.id, measure: (s) => measurePool(s, w, passes) }))),
  { name: `lenet b${BATCH}`, measure: measureLenet },
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

async function measureLenet({ backend, threads }: Setting): Promise<Row[]> {
  const timing = await timeProgram(lenetStep(backend, BATCH));
  return rowsOf(`lenet b${BATCH}`, threads, timing, [
    ["step_ms", "ms", (ms) => ms],
    ["images_per_s", "images/s", (ms) => (1000 * BATCH) / ms],
  ]);
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
