/**
 * Runs golden vectors of PyTorch on a backend:
 *
 *     npm run conformance -- --golden DIR --nets DIR --onnx-models DIR --onnx-node DIR [--backend NAME] [--json]
 *
 * Any folder may be left out; with none, the vectors committed under test/golden run. Exits with 1 if any case failed.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BACKENDS, isBackendName } from "./backends.ts";
import { NET_BOUND } from "./conformance/netCases.ts";
import { jsonReport, textReport } from "./conformance/report.ts";
import { OP_BOUND } from "./conformance/runCase.ts";
import type { Outcome } from "./conformance/status.ts";
import { missingSuite, netSuite, opSuite } from "./conformance/suites.ts";

const TEXT = { type: "string" } as const;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { golden: TEXT, nets: TEXT, "onnx-models": TEXT, "onnx-node": TEXT, backend: TEXT, json: { type: "boolean" } },
  });
  const name = values.backend ?? "reference";
  if (!isBackendName(name)) throw new Error(`--backend must be one of ${Object.keys(BACKENDS).join(", ")}, got ${name}`);
  const make = BACKENDS[name];
  if (!make) throw new Error(`not yet: the ${name} backend does not exist`);
  const backend = make(1, "direct");

  const given = values.golden ?? values.nets ?? values["onnx-models"] ?? values["onnx-node"];
  const committed = join(import.meta.dirname, "..", "test", "golden");
  const { golden, nets } = given === undefined ? { golden: join(committed, "cases"), nets: join(committed, "nets") } : values;

  const outcomes: Outcome[] = [];
  if (golden !== undefined) outcomes.push(...(await opSuite(golden, backend)));
  if (nets !== undefined) outcomes.push(...(await netSuite(nets, backend)));
  for (const suite of ["onnx-models", "onnx-node"] as const) {
    if (values[suite] !== undefined) outcomes.push(...missingSuite(suite, "not yet: ONNX import does not exist"));
  }
  process.stdout.write(values.json ? `${jsonReport(outcomes)}\n` : `${heading(name)}${textReport(outcomes)}`);
  return outcomes.some((o) => o.status === "failed") ? 1 : 0;
}

const heading = (backend: string): string => `backend: ${backend}\ngolden: ${OP_BOUND}\nnets: ${NET_BOUND}\n\n`;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`conformance: ${(error as Error).message}`);
  process.exitCode = 1;
}
