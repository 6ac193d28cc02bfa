/** What checking a network's shapes may cost the compiler: the count of instantiations repeats exactly, time does not. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { compilerOutput, SINGLE_FILES } from "./compiler.ts";

const own = (name: string): string => join("test/types/budget", `${name}.ts`);
const zoo = (name: string): string => join("src/models", `${name}.ts`);
const BASE = [own("base")];

/** Instantiations of `files` beyond those of `beyond`, as recorded. More than 1.3 times as many fail; far fewer should be recorded. */
const BUDGET = [
  { what: "lenet", files: [own("lenet")], beyond: BASE, recorded: 8_504 },
  { what: "vgg16", files: [own("vgg16")], beyond: BASE, recorded: 18_611 },
  { what: "residuals, branches and a head", files: [own("combinators")], beyond: BASE, recorded: 51_520 },
  { what: "nesting as deep as promised", files: [own("nesting")], beyond: BASE, recorded: 9_532 },
  { what: "the source of the resnets", files: [...BASE, zoo("resnet")], beyond: BASE, recorded: 64_878 },
  { what: "the source of googlenet", files: [...BASE, zoo("googlenet")], beyond: BASE, recorded: 56_450 },
  { what: "five users of the zoo", files: [own("zooUsers")], beyond: [...BASE, zoo("index")], recorded: 964 },
] as const;

const counted = new Map<string, number>();

/** Instantiations that checking these files takes, with all that they import. */
function instantiations(files: readonly string[]): number {
  const known = counted.get(files.join());
  if (known !== undefined) return known;
  const output = compilerOutput(...SINGLE_FILES, "--extendedDiagnostics", ...files);
  const [, count] = /^Instantiations:\s+(\d+)/m.exec(output) ?? [];
  if (count === undefined || output.includes("error TS")) throw new Error(`tsc did not check ${files.join(", ")}: ${output}`);
  counted.set(files.join(), Number(count));
  return Number(count);
}

it.each(BUDGET)("stays within the budget of instantiations: $what", ({ what, files, beyond, recorded }) => {
  const cost = instantiations(files) - instantiations(beyond);
  console.log(`${what}: ${cost} instantiations (recorded ${recorded})`);
  expect(cost).toBeLessThanOrEqual(1.3 * recorded);
});
