/** What kernels do is counted from their loops: a plan's kernels together do what the ops count, and move what they must. */
import { describe, expect, test } from "vitest";
import { sizeOf } from "../../src/base/shape.ts";
import { assign, type Shape, State, trace } from "../../src/index.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { workOf } from "../../src/kernel/work.ts";
import { conv } from "../../src/ops/conv.ts";
import { add, matmul, slice } from "../../src/ops/index.ts";
import { optimize } from "../../src/passes/optimize.ts";
import { planGraph } from "../../src/plan/plan.ts";

const kernelsOf = (shapes: Record<string, Shape>, fn: Parameters<typeof trace>[1]) =>
  planGraph(trace(shapes, fn)).steps.flatMap((s) => s.kernels);
const multiplyAdds = (kernels: readonly Kernel[]): number => kernels.reduce((n, k) => n + workOf(k).multiplyAdds, 0);

describe("multiply-adds", () => {
  test.each([
    ["channels that fill the lanes", 8],
    ["lanes beyond the last channel, which are not stored", 13],
  ])("of a convolution: %s", (_, filters) => {
    const kernels = kernelsOf({ x: [2, 6, 10, 9], w: [filters, 6, 3, 3] }, ({ x, w }) => conv(x!, w!, undefined, { padding: 1 }));
    expect(multiplyAdds(kernels)).toBe(2 * 10 * 9 * filters * 6 * 9);
  });

  test("of a chain: the products of all blocks", () => {
    const options = { padding: 1, tile: 2, algorithm: "winograd" } as const;
    const shapes = { x: [8, 4, 8, 16], w: [16, 4, 3, 3] } as const;
    const plan = planGraph(optimize(trace(shapes, ({ x, w }) => conv(x, w, undefined, options))));
    const chain = plan.steps.find((s) => s.kernels[0]!.chain)!;
    // 16 products for each tile of 2 x 2, instead of 36.
    expect(multiplyAdds(chain.kernels)).toBe(8 * (8 / 2) * (16 / 2) * 16 * 4 * 16);
  });

  test("of a long sum in parts", () => {
    expect(multiplyAdds(kernelsOf({ a: [4, 8192], b: [8192, 3] }, ({ a, b }) => matmul(a!, b!)))).toBe(4 * 8192 * 3);
  });

  test("of what multiplies nothing: none", () => {
    expect(multiplyAdds(kernelsOf({ a: [4, 8], b: [8] }, ({ a, b }) => add(a!, b!)))).toBe(0);
  });
});

describe("elements", () => {
  test("each once, however often it is read: one of a broadcast array, all of both others", () => {
    const [k, ...others] = kernelsOf({ a: [4, 8], b: [8] }, ({ a, b }) => add(add(a!, b!), a!));
    const { read, written } = workOf(k!);
    expect(others).toEqual([]);
    expect([...read].map(([b, n]) => [b.name.replace(/%\d+ /, ""), n])).toEqual([
      ["a", 32],
      ["b", 8],
    ]);
    expect(written).toBe(32);
  });

  test("of a part: no more than the part", () => {
    const y = new State([3, 5], undefined, "y");
    const [k] = kernelsOf({ a: [3, 100] }, ({ a }) => {
      assign(y, slice(a!, [undefined, [10, 15]]));
      return {};
    });
    expect([...workOf(k!).read.values()]).toEqual([sizeOf(y.shape)]);
  });
});
