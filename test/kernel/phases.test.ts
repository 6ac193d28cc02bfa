/** Splitting by phase keeps every value, whatever else a term holds. */
import { expect, test } from "vitest";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import { add, type Buffer, buffer, type Expr, isZero, load, mul } from "../../src/kernel/expr.ts";
import { axis, Int } from "../../src/kernel/int.ts";
import { type Kernel, kernelLoads, kernelOf } from "../../src/kernel/kernel.ts";
import { splitPhases } from "../../src/kernel/phases.ts";

const [x, y, out] = [buffer("x", [5]), buffer("y", [12, 4]), buffer("out", [12])];
const values = new Map<Buffer, Float64Array>([
  [x, Float64Array.of(1, 20, 300, 4000, 50000)],
  [y, Float64Array.from({ length: 48 }, (_, i) => i / 64)],
]);

function run(kernels: readonly Kernel[]): number[] {
  const result = new Float64Array(12).fill(Number.NaN);
  for (const k of kernels) evaluateKernel(k, (b) => (b === out ? result : values.get(b)!));
  return [...result];
}

/** Out of 12 from every third: `body` gets the guarded x[(i + tap - 1) / 3] and y[i, tap]. */
function kernel(taps: number, body: (strided: Expr, dense: Expr) => Expr, combine: "sum" | "max" = "sum"): Kernel {
  const [i, tap] = [axis("i", 12), axis("tap", taps)];
  const at = Int.of(i).add(tap).sub(1);
  const strided = load(x, [at.div(3)], [isZero(at.mod(3))]);
  return kernelOf("k", out, [i], [i], [tap], { combine }, body(strided, load(y, [i, tap])));
}

test.each([
  ["a product: the other taps vanish", kernel(4, mul), 3],
  ["the strided load alone, without a tap", kernel(1, (s) => s), 3],
  ["a sum with something that is everywhere stays whole", kernel(4, add), 1],
  ["so does a largest term", kernel(4, (s) => s, "max"), 1],
])("%s", (_, k, count) => {
  const split = splitPhases(k);
  expect(split).toHaveLength(count);
  expect(run(split)).toEqual(run([k]));
  if (count > 1) expect(split.flatMap(kernelLoads).every((l) => l.guards.every((g) => g.test !== "isZero"))).toBe(true);
});
