/** What checking a network's shapes may cost the compiler: the count of instantiations repeats exactly, time does not. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { compilerOutput, SINGLE_FILES } from "./compiler.ts";

/** Instantiations beyond those of the imports, as recorded. More than 1.3 times as many fail; far fewer should be recorded. */
const RECORDED = { lenet: 8_504, vgg16: 18_611 };

function instantiations(name: string): number {
  const output = compilerOutput(...SINGLE_FILES, "--extendedDiagnostics", join("test/types/budget", `${name}.ts`));
  const [, count] = /^Instantiations:\s+(\d+)/m.exec(output) ?? [];
  if (count === undefined || output.includes("error TS")) throw new Error(`tsc did not check ${name}: ${output}`);
  return Number(count);
}

it("stays within the budget of instantiations", () => {
  const base = instantiations("base");
  for (const [name, recorded] of Object.entries(RECORDED)) {
    const cost = instantiations(name) - base;
    console.log(`${name}: ${cost} instantiations (recorded ${recorded})`);
    expect(cost, name).toBeLessThanOrEqual(1.3 * recorded);
  }
});
