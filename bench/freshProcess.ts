/** Runs a script of this folder in fresh processes, bundled, as users would ship it: no loader's time and memory count. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { OneNetwork } from "./oneNetwork.ts";
import { median, minimum } from "./stopwatch.ts";
import type { NetworkWork } from "./workList.ts";

const run = promisify(execFile);

/** What each of several processes says, and how long it took from spawn to exit, in milliseconds. */
interface Finished {
  readonly ms: number;
  readonly output: string;
}

/** One process more is run first, to fill the caches of the disk; it does not count. */
export async function runFresh(script: string, args: readonly string[], processes: number): Promise<Finished[]> {
  const folder = await mkdtemp(join(tmpdir(), "fovea-bench-"));
  try {
    const outfile = join(folder, "script.mjs");
    const entry = join(import.meta.dirname, script);
    await build({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile, external: ["sharp"], logLevel: "error" });
    const finished: Finished[] = [];
    for (let i = 0; i <= processes; i++) {
      const start = performance.now();
      const { stdout } = await run(process.execPath, [outfile, ...args]);
      finished.push({ ms: performance.now() - start, output: stdout });
    }
    return finished.slice(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Medians over several processes. */
export interface FreshFigures extends OneNetwork {
  /** The fastest compilation. */
  readonly bestCompileMs: number;
}

/** What compiling a network costs a process that has done nothing else, and what memory it then takes. */
export async function freshNetwork(
  { model, n }: Pick<NetworkWork, "model" | "n">,
  pass: "fwd" | "step",
  backend: string,
  threads: number,
  processes: number,
): Promise<FreshFigures> {
  const finished = await runFresh("oneNetwork.ts", [model, String(n), pass, backend, String(threads)], processes);
  const results = finished.map(({ output }) => JSON.parse(output) as OneNetwork);
  const compileTimes = results.map((r) => r.compileMs);
  return {
    compileMs: median(compileTimes),
    bestCompileMs: minimum(compileTimes),
    moduleBytes: results[0]!.moduleBytes,
    peakBytes: median(results.map((r) => r.peakBytes)),
  };
}
