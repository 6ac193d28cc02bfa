/**
 * How fast compiled programs are:
 *
 *     npm run bench -- [--filter TEXT] [--threads N] [--backend NAME] [--work FILE] [--json]
 *
 * Convolutions and pools, forward and with all gradients, and whole networks, on one thread and on N (default: all cores).
 * Figures are medians; arithmetic is also given as a share of what registers alone can do on this core, measured in the same
 * run. A tilde marks figures taken while others used the machine.
 *
 * Peak memory is that of a process which does nothing but compile the network and run it a few times; compile_ms is its
 * first compilation, cold_ms its whole life from spawn to exit. Both are medians of several fresh processes.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BACKENDS, isBackendName } from "../tools/backends.ts";
import { allWork } from "./measure.ts";
import { measurePeak } from "./peak.ts";
import { jsonFigures, type Row, tableHead, tableLine } from "./report.ts";
import { isNoisy } from "./stopwatch.ts";
import { readWorkList } from "./workList.ts";

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { filter: text, threads: text, backend: text, work: text, json: { type: "boolean" } } });
  const name = values.backend ?? "wasm";
  const make = isBackendName(name) ? BACKENDS[name] : undefined;
  if (!make) throw new Error(`--backend must be one that exists, got ${name}`);
  const most = values.threads === undefined ? availableParallelism() : Number(values.threads);
  if (!Number.isInteger(most) || most < 1) throw new Error(`--threads must be a whole number of at least 1, got ${values.threads}`);
  const list = await readWorkList(values.work ?? join(import.meta.dirname, "work.json"));
  const work = allWork(list).filter((w) => w.name.includes(values.filter ?? ""));
  if (work.length === 0) throw new Error(`--filter must be part of a name in the work list, got ${values.filter}`);

  const rows: Row[] = [];
  const say = (row: Row): void => {
    rows.push(row);
    if (!values.json) console.log(tableLine(row));
  };
  if (!values.json) console.log(tableHead());
  const { gflops, timing } = await measurePeak();
  const figure = { work: "registers alone", metric: "peak_gflops", threads: 1, value: gflops, unit: "GFLOP/s" };
  say({ figure, best: gflops, share: 1, noisy: isNoisy(timing) });
  for (const threads of new Set([1, most])) {
    const setting = { backend: make(threads), name, threads, peakGflops: gflops };
    for (const w of work) for (const row of await w.measure(setting)) say(row);
  }
  if (values.json) console.log(jsonFigures(rows));
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
