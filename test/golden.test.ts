/** PyTorch's golden vectors on every backend. The counts are exact, so that no case disappears in silence. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BACKENDS } from "../tools/backends.ts";
import type { Outcome } from "../tools/conformance/status.ts";
import { netSuite, opSuite } from "../tools/conformance/suites.ts";

const golden = join(import.meta.dirname, "golden");

/** Raise `passed` and lower `unsupported` as the library grows; their sum is what the files hold. */
const EXPECTED = { cases: { passed: 165, unsupported: 0, failures: [] }, nets: { passed: 3, unsupported: 0, failures: [] } };

const counts = (outcomes: readonly Outcome[]): typeof EXPECTED.cases => {
  const count = (status: Outcome["status"]): number => outcomes.filter((o) => o.status === status).length;
  const failures = outcomes.flatMap((o) => (o.status === "failed" ? [`${o.name}: ${o.error}`] : []));
  return { passed: count("passed"), unsupported: count("unsupported"), failures: failures as never[] };
};

for (const [name, make] of Object.entries(BACKENDS)) {
  if (!make) {
    console.warn(`SKIPPED: no golden vector ran on the ${name} backend, because it does not exist yet`);
    test.skip(`${name} does not exist yet: no golden vector runs on it`, () => {});
    continue;
  }
  describe(`golden vectors on ${name}`, () => {
    test("ops", async () => expect(counts(await opSuite(join(golden, "cases"), make(1, "direct")))).toEqual(EXPECTED.cases));
    test("ops by the algorithms that the backend chooses", async () =>
      expect(counts(await opSuite(join(golden, "cases"), make(1), 2e-5))).toEqual(EXPECTED.cases));
    test("ops that tools/golden.py added", async () =>
      expect(counts(await opSuite(join(golden, "extra"), make(1)))).toEqual({ passed: 8, unsupported: 0, failures: [] }));
    test("networks", async () => expect(counts(await netSuite(join(golden, "nets"), make(1, "direct")))).toEqual(EXPECTED.nets));
    test("a step of the networks by the algorithms that the backend chooses", async () =>
      expect(counts(await netSuite(join(golden, "nets"), make(1), 2e-5))).toEqual(EXPECTED.nets));
  });
}
