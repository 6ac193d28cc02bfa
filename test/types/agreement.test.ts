/** On random networks, right and wrong, the compiler and the run agree: on the output's shape, or on what is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { input, OpError, type Tensor } from "../../src/index.ts";
import { compilerErrors, SINGLE_FILES, saysSame } from "./compiler.ts";
import { classNames, type NetworkSpec, networkOf, randomCombinators, randomNetwork, sourceOf } from "./randomNetwork.ts";

/** What the network gives for two inputs, or what is wrong with it. */
function ran({ layers, input: shape }: NetworkSpec): readonly number[] | string {
  try {
    return (networkOf(layers).forward(input("x", [2, ...shape]) as never) as Tensor).shape;
  } catch (error) {
    if (error instanceof OpError) return error.message;
    throw error;
  }
}

it.each([
  ["chains", 200, randomNetwork],
  ["sums, branches and heads", 120, randomCombinators],
] as const)("the compiler and the run agree on random networks of %s", (_, count, random) => {
  const networks = Array.from({ length: count }, (_, seed) => random(seed));
  const results = networks.map(ran);
  const source = resolve(import.meta.dirname, "../../src");
  const head = [
    `import { input, type Tensor } from "${source}/index.ts";`,
    `import { ${classNames.join(", ")} } from "${source}/nn/index.ts";`,
    "declare function exactly<S extends readonly number[]>(): <T extends readonly number[]>(x: Tensor<T>, ..._: T extends Readonly<S> ? [] : [T]) => void;",
  ];
  // One line each. A network that ran must have exactly the shape it gave.
  const lines = networks.map(({ layers, input: shape }, i) => {
    const forward = `${sourceOf(layers)}.forward(input("x", [2, ${shape.join(", ")}]))`;
    const result = results[i]!;
    return typeof result === "string" ? `${forward};` : `exactly<[${result.join(", ")}]>()(${forward});`;
  });

  const folder = mkdtempSync(join(tmpdir(), "fovea-types-"));
  try {
    const file = join(folder, "networks.ts");
    writeFileSync(file, [...head, ...lines].join("\n"));
    const errors = compilerErrors(...SINGLE_FILES, file);
    expect(errors.filter((e) => e.line <= head.length)).toEqual([]);
    results.forEach((result, i) => {
      const own = errors.filter((e) => e.file.endsWith("networks.ts") && e.line === i + head.length + 1);
      const what = `network ${i}: ${lines[i]}\n${result}\n${own.map((e) => e.text).join("\n")}`;
      if (typeof result !== "string") expect(own, what).toEqual([]);
      // The compiler may complain of a layer, of the containers around it and of the call, the run of the first of these.
      else
        expect(
          own.some((e) => saysSame(result, /'"(.*)"'/.exec(e.text)?.[1] ?? "none")),
          what,
        ).toBe(true);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const wrong = results.filter((r) => typeof r === "string").length;
  expect(wrong).toBeGreaterThan(count / 5);
  expect(wrong).toBeLessThan((count * 4) / 5);
});
