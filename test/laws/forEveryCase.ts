import fc from "fast-check";
import { describe, test } from "vitest";
import type { Op } from "../../src/ir/op.ts";
import { OPS, type OpName } from "../../src/ops/table.ts";
import { CASES } from "../cases/index.ts";
import { type OpCase, type OpCases, showCase } from "../cases/opCase.ts";

/** Random cases per op and law: 2000 in continuous integration. FOVEA_RUNS=10000 for a long night, FOVEA_SEED to draw others. */
export const RUNS: number = Number(process.env.FOVEA_RUNS ?? (process.env.CI ? 2000 : 200));
export const SEED: number = Number(process.env.FOVEA_SEED ?? 1);

/** Checks one case; `seed` draws its values. */
export type Law = (op: Op, c: OpCase, seed: number, cases: OpCases) => void | Promise<void>;

/** A test per op that runs `law` over its fixed and random cases. `runs` of the random ones, `applies` to these ops. */
export function forEveryCase(
  title: string,
  law: Law,
  applies: (op: Op, cases: OpCases) => boolean = () => true,
  runs: number = RUNS,
): void {
  describe(title, () => {
    for (const name of Object.keys(CASES) as OpName[]) {
      const [op, cases] = [OPS[name], CASES[name]];
      if (!applies(op, cases)) continue;
      const check = async (c: OpCase, seed: number): Promise<void> => {
        try {
          await law(op, c, seed, cases);
        } catch (error) {
          throw new Error(`${name} ${showCase(c)}, values of seed ${seed}: ${(error as Error).message}`, { cause: error });
        }
      };
      test(name, async () => {
        for (const [i, c] of cases.fixed.entries()) await check(c, i);
        await fc.assert(fc.asyncProperty(cases.random, fc.nat(2 ** 31 - 1), check), { numRuns: runs, seed: SEED });
      });
    }
  });
}
