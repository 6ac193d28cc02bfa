/** Dropout and other random layers: what is drawn depends on seed, layer and run, and on nothing else. */
import { describe, expect, test } from "vitest";
import { type Backend, compile, grad, input, OpError, reference, type Tensor, wasm } from "../../src/index.ts";
import {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  FeatureAlphaDropout,
  type Module,
  RReLU,
  Sequential,
} from "../../src/nn/index.ts";
import { mul, sum } from "../../src/ops/index.ts";

const ones = (n: number): Float32Array => new Float32Array(n).fill(1);

/** Outputs and input gradients of several training runs, for an input of ones. */
async function draws(model: Module, shape: readonly number[], runs: number, backend: Backend = reference()) {
  const program = await compile(backend, { x: shape }, ({ x }) => {
    const y = model.forward(x as never) as Tensor;
    return { y, dx: grad(sum(mul(y, 3)), [x])[0]! };
  }, { mode: "train" }); // biome-ignore format: one call
  const list = [];
  for (let i = 0; i < runs; i++) {
    const { y, dx } = await program.run({ x: ones(shape.reduce((a, b) => a * b, 1)) });
    list.push({ y: [...y.data], dx: [...dx.data] });
  }
  await program.close();
  return list;
}

describe("Dropout", () => {
  test("drops a share p, and scales the rest", async () => {
    const [run] = await draws(new Dropout(0.2).initialize(1), [100, 100], 1);
    expect(new Set(run!.y)).toEqual(new Set([0, 1.25]));
    const dropped = run!.y.filter((v) => v === 0).length;
    // Within 4 standard deviations of 2000.
    expect(Math.abs(dropped - 2000)).toBeLessThan(160);
  });

  test("the gradient goes where the values went", async () => {
    for (const { y, dx } of await draws(new Dropout(0.5).initialize(1), [50], 3)) expect(dx).toEqual(y.map((v) => 3 * v));
  });

  test("every run, every layer and every use draws anew; a seed draws the same again", async () => {
    const make = (): Module => new Sequential(["a", new Dropout(0.5)], ["b", new Dropout(0.5)]);
    const [first, second] = [await draws(make().initialize(5), [64], 3), await draws(make().initialize(5), [64], 3)];
    expect(second).toEqual(first);
    expect(new Set(first.map(({ y }) => `${y}`)).size).toBe(3);
    expect(await draws(make().initialize(6), [64], 3)).not.toEqual(first);
    // Two independent halves leave a quarter, four times as large.
    const kept = first.flatMap(({ y }) => y).filter((v) => v !== 0);
    expect(new Set(kept)).toEqual(new Set([4]));
    expect(kept.length / 192).toBeGreaterThan(0.12);
    expect(kept.length / 192).toBeLessThan(0.4);

    const layer = new Dropout(0.5);
    const twice = await draws(new Sequential(["one", layer], ["other", layer]).initialize(5), [64], 1);
    expect(twice[0]!.y.filter((v) => v === 4).length).toBeLessThan(32);
  });

  test("gives the same bits on every backend and with any number of threads", async () => {
    const make = (): Module => new Sequential(["a", new Dropout(0.3)], ["b", new Dropout2d(0.5)], ["c", new RReLU()]).initialize(3);
    const rounded = (list: Awaited<ReturnType<typeof draws>>): unknown =>
      list.map(({ y, dx }) => [Float32Array.from(y), Float32Array.from(dx)]);
    const one = rounded(await draws(make(), [3, 5, 7, 9], 2, wasm({ threads: 1 })));
    for (const threads of [2, 3]) expect(rounded(await draws(make(), [3, 5, 7, 9], 2, wasm({ threads })))).toEqual(one);
    const zeros = (list: unknown): boolean[] => (list as Float32Array[][]).flatMap(([y]) => [...y!].map((v) => v === 0));
    expect(zeros(rounded(await draws(make(), [3, 5, 7, 9], 2)))).toEqual(zeros(one));
  });

  test("is nothing in evaluation, and in no state dict", async () => {
    const layer = new Dropout();
    const x = input("x", [2, 3]);
    expect(layer.forward(x)).toBe(x);
    expect(layer.namedStates().size).toBe(1);
    expect((await layer.stateDict()).size).toBe(0);
    layer.loadStateDict(new Map());
  });

  test("p = 0 keeps all, p = 1 nothing", async () => {
    expect((await draws(new Dropout(0), [3], 1))[0]!.y).toEqual([1, 1, 1]);
    expect((await draws(new Dropout(1), [3], 1))[0]).toEqual({ y: [0, 0, 0], dx: [0, 0, 0] });
    expect(() => new Dropout2d(1.5)).toThrow(new OpError("", "Dropout2d: p must be in [0, 1], got 1.5"));
  });
});

test.each([
  [new Dropout1d(0.5), [10, 8, 6]],
  [new Dropout2d(0.5), [10, 8, 3, 2]],
  [new Dropout3d(0.5), [10, 8, 1, 3, 2]],
] as const)("$type drops whole channels", async (layer, shape) => {
  const [run] = await draws(layer.initialize(2), shape, 1);
  const channels = Array.from({ length: 80 }, (_, i) => new Set(run!.y.slice(6 * i, 6 * i + 6)));
  expect(channels.every((c) => c.size === 1)).toBe(true);
  const dropped = channels.filter((c) => c.has(0)).length;
  expect(dropped).toBeGreaterThan(20);
  expect(dropped).toBeLessThan(60);
});

test("AlphaDropout keeps mean 0 and variance 1", async () => {
  for (const layer of [new AlphaDropout(0.2), new FeatureAlphaDropout(0.2)]) {
    const program = await compile(reference(), { x: [2000, 5] }, ({ x }) => layer.initialize(4).forward(x), { mode: "train" });
    // Numbers of mean 0 and variance 1.
    const x = Float32Array.from({ length: 10000 }, (_, i) => Math.sqrt(3) * ((2 * ((i * 7919) % 10000) + 1) / 10000 - 1));
    const y = [...(await program.run({ x })).output.data];
    const mean = y.reduce((a, b) => a + b, 0) / y.length;
    const variance = y.reduce((a, b) => a + (b - mean) ** 2, 0) / y.length;
    expect(Math.abs(mean)).toBeLessThan(0.06);
    expect(Math.abs(variance - 1)).toBeLessThan(0.06);
    await program.close();
  }
});

test("RReLU draws slopes in training, and takes their middle in evaluation", async () => {
  const layer = new RReLU(0.2, 0.4).initialize(1);
  const x = Float32Array.from({ length: 1000 }, (_, i) => (i % 2 ? 1 : -1));
  const program = await compile(reference(), { x: [1000] }, (given) => layer.forward(given.x), { mode: "train" });
  const slopes = [...(await program.run({ x })).output.data].filter((_, i) => i % 2 === 0).map((v) => -v);
  await program.close();
  expect(Math.min(...slopes)).toBeGreaterThanOrEqual(0.2 - 1e-6);
  expect(Math.max(...slopes)).toBeLessThanOrEqual(0.4 + 1e-6);
  expect(slopes.reduce((a, b) => a + b, 0) / slopes.length).toBeCloseTo(0.3, 2);
  const evaluation = await compile(reference(), { x: [2] }, (given) => layer.forward(given.x));
  const [negative, positive] = (await evaluation.run({ x: [-1, 1] })).output.data;
  expect(negative).toBeCloseTo(-0.3, 6);
  expect(positive).toBe(1);
  await evaluation.close();
});
