/** What is measured of whole processes: from spawn to the first result, and compiling in a process that has done nothing else. */
import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freshNetwork, runFresh } from "../freshProcess.ts";
import { median, minimum } from "../stopwatch.ts";
import type { NetworkWork } from "../workList.ts";
import type { Figure } from "./figures.ts";
import { type Peer, pythonWithTorch, threadLimits } from "./peers.ts";

const run = promisify(execFile);

export const COLD = "cold start to a first LeNet result";
/** How long the interpreter takes that runs nothing. */
export const BARE_NODE = "node alone";

const now = (): string => new Date().toISOString();

/** Milliseconds from spawn to exit, for all peers in turn. The first round fills the caches of the disk and is left out. */
export async function coldStarts(peers: readonly Peer[], rounds: number): Promise<Figure[]> {
  const base = { work: COLD, threads: 1, metric: "ms" } as const;
  const commands = peers.filter((p) => p.whole).map(({ name, command }) => ({ name, command: command("cold", 1) }));
  commands.unshift({ name: BARE_NODE, command: [process.execPath, "-e", "0"] });
  const times = new Map<string, number[]>();
  const failures = new Map<string, string>();
  for (let round = 0; round <= rounds; round++) {
    for (const { name, command } of commands) {
      if (failures.has(name)) continue;
      if (typeof command === "string") {
        failures.set(name, command);
        continue;
      }
      const start = performance.now();
      try {
        await run(command[0]!, command.slice(1), { env: { ...process.env, ...threadLimits(1) } });
      } catch (error) {
        failures.set(name, (error as Error).message.split("\n")[0]!);
        continue;
      }
      if (round > 0) times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
    }
  }
  return commands.map(({ name }): Figure => {
    const all = times.get(name);
    if (failures.has(name) || !all) return { ...base, peer: name, absent: failures.get(name) ?? "no result", date: now() };
    return { ...base, peer: name, value: median(all), best: minimum(all), date: now() };
  });
}

export const compilation = ({ id }: NetworkWork, pass: string): string => `compile ${id} ${pass}`;

export const STEADY = "10,000 training steps of LeNet-5";

/** Bytes that the heap grows in each of many training steps. */
export async function growthPerStep(): Promise<Figure[]> {
  const [finished] = await runFresh("steady.ts", ["--json"], 1);
  const { heapBytesPerStep } = JSON.parse(finished!.output) as { readonly heapBytesPerStep: number };
  return [{ work: STEADY, peer: "fovea", threads: cpus().length, metric: "bytesPerStep", value: heapBytesPerStep, date: now() }];
}

export const MNIST = "MNIST to 99.0%";

/** Seconds of whole processes that train until 99.0% of the test images are recognised: Fovea and torch, with several seeds, in turn. */
export async function mnistTimes(seeds: number): Promise<Figure[]> {
  const python = pythonWithTorch();
  const commands = [
    { peer: "fovea", command: [process.execPath, join(import.meta.dirname, "../mnist99.mjs")] },
    { peer: "torch", command: python === undefined ? undefined : [python, join(import.meta.dirname, "peers/mnist99.py")] },
  ];
  const times = new Map<string, number[]>();
  const failures = new Map(commands.filter((c) => !c.command).map((c) => [c.peer, "no python3 has torch"]));
  for (let seed = 0; seed < seeds; seed++) {
    for (const { peer, command } of commands) {
      if (failures.has(peer)) continue;
      const start = performance.now();
      try {
        await run(command![0]!, [...command!.slice(1), "--seed", String(seed)]);
        times.set(peer, [...(times.get(peer) ?? []), performance.now() - start]);
      } catch (error) {
        const { stderr } = error as { readonly stderr?: string };
        failures.set(peer, (stderr?.trim().split("\n").at(-1) ?? (error as Error).message).slice(0, 160));
      }
    }
  }
  return commands.map(({ peer }): Figure => {
    const base = { work: MNIST, peer, threads: cpus().length, metric: "ms", date: now() } as const;
    const all = times.get(peer);
    return failures.has(peer) || !all ? { ...base, absent: failures.get(peer)! } : { ...base, value: median(all), best: minimum(all) };
  });
}

/** Milliseconds of the first compilation in a fresh process, the median of `rounds` processes, and the size of the module. */
export async function compileTimes(network: NetworkWork, pass: "fwd" | "step", rounds: number): Promise<Figure[]> {
  const fresh = await freshNetwork(network, pass, "wasm", 1, rounds);
  const base = { work: compilation(network, pass), peer: "fovea", threads: 1, date: now() };
  return [
    { ...base, metric: "ms", value: fresh.compileMs, best: fresh.bestCompileMs },
    { ...base, metric: "moduleBytes", value: fresh.moduleBytes },
  ];
}
