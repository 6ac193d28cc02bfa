import { expect, it } from "vitest";
import { compile, grad, OpError, reference } from "../../src/index.ts";
import { Conv2d, Residual, Sequential, StochasticDepth } from "../../src/nn/index.ts";
import { mul, sum } from "../../src/ops/index.ts";

/** Outputs and input gradients of `runs` training runs of the layer, for ones of [n, 2, 3]. */
async function draws(layer: StochasticDepth, n: number, runs: number): Promise<{ readonly y: number[]; readonly dx: number[] }[]> {
  layer.initialize(1);
  const program = await compile(
    reference(),
    { x: [n, 2, 3] },
    ({ x }) => {
      const y = layer.forward(x);
      return { y, dx: grad(sum(mul(y, 3)), [x])[0]! };
    },
    { mode: "train" },
  );
  const list = [];
  for (let i = 0; i < runs; i++) {
    const { y, dx } = await program.run({ x: new Float32Array(n * 6).fill(1) });
    list.push({ y: [...y.data], dx: [...dx.data] });
  }
  await program.close();
  return list;
}

it("drops whole examples with probability p, and scales the rest", async () => {
  const n = 4000;
  const [first, second] = await draws(new StochasticDepth(0.2), n, 2);
  const { y, dx } = first!;
  const rows = Array.from({ length: n }, (_, i) => y.slice(6 * i, 6 * i + 6));
  expect(rows.every((row) => new Set(row).size === 1)).toBe(true);
  expect(new Set(y)).toEqual(new Set([0, 1.25]));
  // Within 4 standard deviations of 800.
  expect(Math.abs(rows.filter(([v]) => v === 0).length - 800)).toBeLessThan(102);
  // A dropped example has no gradient either.
  expect(dx).toEqual(y.map((v) => 3 * v));
  expect(second!.y).not.toEqual(y);
});

it("drops all examples or none in batch mode", async () => {
  const runs = await draws(new StochasticDepth(0.5, "batch"), 3, 40);
  const outcomes = runs.map(({ y }) => new Set(y));
  expect(outcomes.every((values) => values.size === 1)).toBe(true);
  const kept = outcomes.filter((values) => values.has(2)).length;
  // Within 4 standard deviations of 20.
  expect(Math.abs(kept - 20)).toBeLessThan(13);
  expect(outcomes.filter((values) => values.has(0)).length).toBe(40 - kept);
});

it("leaves everything where it evaluates, and the shortcut of a body that is dropped", async () => {
  const body = new Sequential(new Conv2d(1, 1, 1), new StochasticDepth(1));
  const block = new Residual(body).initialize(2);
  const x = new Float32Array([1, -2, 3, 4]);
  const outputs = await Promise.all(
    (["train", "eval"] as const).map(async (mode) => {
      const program = await compile(reference(), { x: [1, 1, 2, 2] }, (t) => block.forward(t.x), { mode });
      return [...(await program.run({ x })).output.data];
    }),
  );
  expect(outputs[0]).toEqual([...x]);
  expect(outputs[1]).not.toEqual([...x]);
});

it("says what it takes", () => {
  expect(() => new StochasticDepth(1.5)).toThrow(new OpError("", "StochasticDepth: p must be in [0, 1], got 1.5"));
  expect(() => new StochasticDepth(0.5, "rows" as "row")).toThrow(
    new OpError("", 'StochasticDepth: mode must be "row" or "batch", got rows'),
  );
});
