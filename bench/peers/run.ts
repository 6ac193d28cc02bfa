/**
 * Times Fovea and other libraries in turn on the same work, and writes bench/RESULTS.md:
 *
 *     npm start -- [--only REGEX] [--threads 1,2] [--rounds N] [--peers a,b]
 *
 * Fovea is taken from dist: run `npm run build` in the root before. Figures of items that `--only` leaves out are kept from earlier runs
 * (results.json); those of one item are always of one run.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "../../src/base/writeFileAtomic.ts";
import { type NetworkWork, readWorkList, type WorkList } from "../workList.ts";
import { type Figure, Figures, type Measurements, merged, readMeasurements, writeMeasurements } from "./figures.ts";
import { type Section, sectionsOf } from "./items.ts";
import { type Options, parseOptions } from "./options.ts";
import { resultsPage } from "./page.ts";
import { Absence, PeerProcess } from "./peerProcess.ts";
import { PEERS, type Peer } from "./peers.ts";
import { COLD, coldStarts, compilation, compileTimes, growthPerStep, MNIST, mnistTimes, STEADY } from "./processes.ts";
import { takeTurns } from "./rounds.ts";

const BENCH = join(import.meta.dirname, "..");
const KEPT = join(import.meta.dirname, "results.json");

class Run {
  readonly #options: Options;
  readonly #peers: readonly Peer[];
  readonly figures: Figure[] = [];
  readonly versions: { [peer: string]: string } = {};

  constructor(options: Options) {
    this.#options = options;
    this.#peers = PEERS.filter((p) => options.peers.includes(p.name));
  }

  wants(work: string): boolean {
    return this.#options.only.test(work);
  }

  /** Those items of the section that are wanted, on so many threads. */
  async section(section: Section, threads: number, save: () => Promise<void>): Promise<void> {
    const items = section.items.filter(({ work }) => this.wants(work));
    if (items.length === 0) return;
    const running: PeerProcess[] = [];
    const missing: { readonly peer: Peer; readonly absent: string }[] = [];
    try {
      for (const peer of this.#peers) {
        if (!items.some(({ item }) => peer.takes?.(item, threads) ?? true)) continue;
        try {
          running.push(await PeerProcess.start(peer, threads));
        } catch (error) {
          if (!(error instanceof Absence)) throw error;
          missing.push({ peer, absent: error.message });
        }
      }
      for (const p of running) this.versions[p.peer.name] = p.version;
      for (const item of items) {
        const outcomes = await takeTurns(
          running.filter((p) => p.alive),
          item,
          this.#options.rounds,
        );
        const base = { work: item.work, threads, metric: "ms", date: new Date().toISOString() } as const;
        for (const { peer, absent } of missing) this.#say({ ...base, peer: peer.name, absent });
        for (const [{ peer }, outcome] of outcomes) {
          const { ms: value, ...rest } = "ms" in outcome ? outcome : { ms: undefined, absent: outcome.absent };
          this.#say({ ...base, peer: peer.name, ...(value !== undefined && { value }), ...rest });
        }
        await save();
      }
      if ("network" in items[0]!.item) {
        await this.#memory(items[0]!.work, threads, running);
        await save();
      }
    } finally {
      for (const p of running) p.end();
    }
  }

  /** What is measured of whole processes. */
  async processes(networks: readonly NetworkWork[], save: () => Promise<void>): Promise<void> {
    const { rounds } = this.#options;
    const measurements: readonly (readonly [string, () => Promise<readonly Figure[]>])[] = [
      [COLD, () => coldStarts(this.#peers, rounds)],
      ...networks.flatMap((n) =>
        (["fwd", "step"] as const).map((pass) => [compilation(n, pass), () => compileTimes(n, pass, rounds)] as const),
      ),
      [MNIST, () => mnistTimes(rounds)],
      [STEADY, growthPerStep],
    ];
    for (const [work, measure] of measurements) {
      if (!this.wants(work)) continue;
      for (const figure of await measure()) this.#say(figure);
      await save();
    }
  }

  /** The peak of each process that did this one item, and nothing else. */
  async #memory(work: string, threads: number, running: readonly PeerProcess[]): Promise<void> {
    for (const p of running.filter(({ alive, peer }) => alive && peer.whole)) {
      const did = this.figures.some((f) => f.work === work && f.threads === threads && f.peer === p.peer.name && f.value !== undefined);
      if (!did) continue;
      const value = await p.peakBytes();
      this.#say({ work, peer: p.peer.name, threads, metric: "peakBytes", value, date: new Date().toISOString() });
    }
  }

  #say(figure: Figure): void {
    this.figures.push(figure);
    const { work, threads, peer, metric, value, absent } = figure;
    const shown =
      value === undefined ? `absent: ${absent}` : `${metric === "ms" ? value.toFixed(3) : value} ${metric}${figure.noisy ? " ~" : ""}`;
    console.log(`${work} | ${threads} | ${peer} | ${shown}`);
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (!existsSync(join(BENCH, "../dist/index.js"))) throw new Error("dist is absent. Run npm run build in the root");
  const work = await readWorkList(join(BENCH, "work.json"));
  const run = new Run(options);
  // Whoever ends a long run early keeps what it has measured.
  const save = (): Promise<void> => keep(run, work);
  for (const section of sectionsOf(work)) for (const threads of options.threads) await run.section(section, threads, save);
  await run.processes(work.networks, save);
  if (run.figures.length === 0) throw new Error(`--only must match some work, got ${options.only.source}`);
}

/** Adds what was measured to what earlier runs left, and writes the page. */
async function keep(run: Run, work: WorkList): Promise<void> {
  const earlier = await readMeasurements(KEPT);
  const all: Measurements = { versions: { ...earlier.versions, ...run.versions }, figures: merged(earlier.figures, run.figures) };
  await writeMeasurements(KEPT, all);
  const { versions, figures } = all;
  const page = resultsPage({ machine: await machineOf(figures), command: "npm start", versions, figures: new Figures(figures), work });
  await writeFileAtomic(join(BENCH, "RESULTS.md"), page);
}

/** The processor, its cores, Node, and the days of the figures. */
async function machineOf(figures: readonly Figure[]): Promise<string> {
  const days = [...new Set(figures.map((f) => f.date.slice(0, 10)))].sort();
  const when = days.length > 1 ? `${days[0]} to ${days.at(-1)}` : days[0];
  // The vectors that native libraries use; a model's name may be no more than its maker's.
  const info = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const family = /^cpu family\s*: (.*)$/m.exec(info)?.[1];
  const vectors = ["avx512f", "avx2", "asimd"].find((flag) => new RegExp(`\\b${flag}\\b`).test(info));
  const details = [family && `family ${family}`, vectors].filter(Boolean).join(", ");
  const processor = `${cpus()[0]?.model.trim() ?? "unknown processor"}${details && ` (${details})`}`;
  return `${processor}, ${cpus().length} cores, Node ${process.version}, ${when}`;
}

try {
  await main();
} catch (error) {
  console.error(`peers: ${(error as Error).message}`);
  process.exitCode = 1;
}
