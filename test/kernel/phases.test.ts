/** Splitting by phase keeps every value, whatever else a term holds. */
import { expect, test } from "vitest";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import { add, type Buffer, buffer, type Expr, isZero, load, mul } from "../../src/kernel/expr.ts";
import { axis, Int } from "../../src/kernel/int.ts";
import { type Kernel, kernelLoads, kernelOf } from "../../src/kernel/kernel.ts";
import { splitPhases } from "../../src/kernel/phases.ts";
import { convInputGradOp } from "../../src/ops/conv.ts";

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

test("no phase of a strided gradient divides an index, whatever its window", () => {
  for (const window of [1, 2, 3, 4, 5, 7]) {
    for (const [stride, padding] of [2, 3, 4].flatMap((s) => [0, 1, 2, 3].map((p) => [s, p] as const))) {
      const dy = 6;
      const dx = (dy - 1) * stride + window - 2 * padding;
      const attrs = { kernel: [window], stride: [stride], padding: [[padding, padding]] as const, dilation: [1], groups: 1 };
      const whole = convInputGradOp.kernel!([buffer("dy", [1, 2, dy]), buffer("w", [2, 3, window])], buffer("dx", [1, 3, dx]), {
        ...attrs,
        inputSpace: [dx],
      });
      const loads = [whole].flat().flatMap(splitPhases).flatMap(kernelLoads);
      expect(loads.flatMap((l) => [...l.index, ...l.guards.map((g) => g.at)]).filter((i) => !i.affine)).toEqual([]);
    }
  }
});
