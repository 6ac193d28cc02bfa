/** The suites: each gives the outcomes of a folder's cases, one after another. */
import { readdir } from "node:fs/promises";
import type { Backend } from "../../src/index.ts";
import { readCases, readNet } from "./manifest.ts";
import { runNet } from "./netCases.ts";
import { runCase } from "./runCase.ts";
import { type Outcome, outcomeOf } from "./status.ts";

/** Golden op cases: a folder with manifest.json and tensors.safetensors. With a bound, to within that share of each tensor's largest element. */
export async function opSuite(dir: string, backend: Backend, bound?: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const c of await readCases(dir)) outcomes.push(await outcomeOf("golden", c.name, c.op, () => runCase(c, backend, bound)));
  return outcomes;
}

/**
 * Golden networks: a folder with <net>.json and <net>.safetensors for each. With a bound, the first step alone, to within that share of
 * each tensor's largest element.
 */
export async function netSuite(dir: string, backend: Backend, bound?: number): Promise<Outcome[]> {
  const files = await readdir(dir);
  const names = files.filter((f) => f.endsWith(".json")).map((f) => f.slice(0, -".json".length));
  if (names.length === 0) throw new Error(`${dir}: holds no <net>.json`);
  const outcomes: Outcome[] = [];
  for (const name of names.sort()) {
    const { info, tensors } = await readNet(dir, name);
    outcomes.push(await outcomeOf("nets", name, `net ${info.net}`, () => runNet(info, tensors, backend, bound)));
  }
  return outcomes;
}

/** A suite that nothing can run yet: failed, so that it is not forgotten. */
export const missingSuite = (suite: string, error: string): Outcome[] => [{ suite, name: "*", op: suite, status: "failed", error }];
