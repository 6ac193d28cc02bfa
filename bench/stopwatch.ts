import { readFileSync } from "node:fs";

/** Times of one piece of work, in milliseconds. */
export interface Timing {
  readonly median: number;
  readonly minimum: number;
  /** Cores' worth of time that others used meanwhile; undefined where the system does not say. */
  readonly foreign: number | undefined;
}

interface Window {
  readonly times: readonly number[];
  readonly duration: number;
  readonly foreign: number | undefined;
}

const WARM_UP_MS = 200;
const WINDOW_MS = 200;
/** Milliseconds of quiet windows that make a figure. */
const ENOUGH_MS = 600;
/** Others may use this much of a core, or the window is taken again. */
export const QUIET = 0.2;
/** After this the noisy windows count too: a busy machine must not stop the benchmark. */
const PATIENCE_MS = Number(process.env.FOVEA_PATIENCE_MS ?? 6000);

const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/**
 * Milliseconds of one run: warm-up of two runs and 200 ms at least (V8's optimising compiler takes over after some tens of
 * calls), then windows of at least 200 ms. Windows in which other processes used the machine are thrown away and taken
 * again, while patience lasts.
 */
export async function time(run: () => Promise<unknown>): Promise<Timing> {
  const warm = now();
  for (let n = 0; n < 2 || now() - warm < WARM_UP_MS; n++) await run();
  const quiet: Window[] = [];
  const noisy: Window[] = [];
  for (const start = now(); sum(quiet) < ENOUGH_MS && now() - start < ENOUGH_MS + PATIENCE_MS; ) {
    const w = await window(run);
    const isQuiet = (w.foreign ?? 0) <= QUIET;
    (isQuiet ? quiet : noisy).push(w);
    if (!isQuiet) await pause(100);
  }
  const used = sum(quiet) >= ENOUGH_MS ? quiet : [...quiet, ...noisy];
  const times = used.flatMap((w) => w.times);
  const foreign = used.some((w) => w.foreign === undefined) ? undefined : used.reduce((s, w) => s + w.foreign! * w.duration, 0) / sum(used);
  return { median: median(times), minimum: minimum(times), foreign };
}

/** The middle value, or the mean of both middle values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The least value, of however many: they may be more than a call takes arguments. */
export const minimum = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));

/** Whether others disturbed the figure. */
export const isNoisy = (t: Timing): boolean => t.foreign !== undefined && t.foreign > QUIET;

const sum = (windows: readonly Window[]): number => windows.reduce((s, w) => s + w.duration, 0);

async function window(run: () => Promise<unknown>): Promise<Window> {
  const [start, before] = [now(), foreignTime()];
  const times: number[] = [];
  do {
    const from = now();
    await run();
    times.push(now() - from);
  } while (now() - start < WINDOW_MS);
  const duration = now() - start;
  const after = foreignTime();
  const foreign = before === undefined || after === undefined ? undefined : Math.max(0, (after - before) / duration);
  return { times, duration, foreign };
}

/** Milliseconds of processor time used so far by everyone but this process. */
function foreignTime(): number | undefined {
  const own = process.cpuUsage();
  const all = machineTime();
  return all === undefined ? undefined : all - (own.user + own.system) / 1000;
}

/** Milliseconds of processor time used so far by everyone. Linux says so; elsewhere unknown. */
export function machineTime(): number | undefined {
  let line: string;
  try {
    line = readFileSync("/proc/stat", "latin1").split("\n", 1)[0]!;
  } catch {
    return undefined;
  }
  const [user, nice, system, , , interrupts, soft, stolen] = line.trim().split(/\s+/).slice(1).map(Number) as number[];
  // The file counts in hundredths of a second.
  return (user! + nice! + system! + interrupts! + soft! + stolen!) * 10;
}
