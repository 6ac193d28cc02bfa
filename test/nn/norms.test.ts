/** Normalisation layers: what they learn, what they keep, what they do in training and in evaluation. */
import { describe, expect, test } from "vitest";
import {
  type Backend,
  type CompileOptions,
  compile,
  f32,
  i32,
  input,
  type NdArray,
  OpError,
  reference,
  type Tensor,
  wasm,
} from "../../src/index.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  LocalResponseNorm,
  Module,
} from "../../src/nn/index.ts";
import { add } from "../../src/ops/index.ts";

const backends: Record<string, () => Backend> = { reference: () => reference(), wasm: () => wasm({ threads: 1 }) };

/** The layer's output for x, run once. */
async function run(layer: Module, x: NdArray, mode: CompileOptions["mode"] = "eval", backend: Backend = reference()): Promise<number[]> {
  const program = await compile(backend, { x: x.shape }, (given) => layer.forward(given.x as never) as Tensor, { mode });
  const { output } = await program.run({ x });
  await program.close();
  return [...output.data];
}

const dict = async (layer: Module): Promise<Record<string, number[]>> =>
  Object.fromEntries([...(await layer.stateDict())].map(([name, value]) => [name, [...value.data]]));

function expectNear(actual: readonly number[] | undefined, expected: readonly number[]): void {
  expect(actual?.length).toBe(expected.length);
  expected.forEach((e, i) => expect(Math.abs(actual![i]! - e), `element ${i}: ${actual![i]}, not ${e}`).toBeLessThan(2e-6));
}

describe.each(Object.keys(backends))("BatchNorm on %s", (name) => {
  const backend = backends[name]!;
  // Channel 0: 1 3 5 7, mean 4, variance 5, unbiased 20 / 3. Channel 1: all 2.
  const x = f32([2, 2, 2], [1, 3, 2, 2, 5, 7, 2, 2]);

  test("trains with the batch's statistics, and keeps PyTorch's running ones", async () => {
    const layer = new BatchNorm1d(2).initialize(0);
    const unit = 1 / Math.sqrt(5 + 1e-5);
    expectNear(await run(layer, x, "train", backend()), [-3 * unit, -unit, 0, 0, unit, 3 * unit, 0, 0]);
    const state = await dict(layer);
    expect(Object.keys(state)).toEqual(["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]);
    expectNear(state.running_mean, [0.4, 0.2]);
    expectNear(state.running_var, [0.9 + 0.1 * (20 / 3), 0.9]);
    expect(state.num_batches_tracked).toEqual([1]);
  });

  test("evaluates with the running ones, and changes nothing", async () => {
    const layer = new BatchNorm1d(2, { eps: 0 }).initialize(0);
    const given = { weight: [2, 3], bias: [1, -1], running_mean: [1, 0], running_var: [4, 0.25] };
    layer.loadStateDict(
      new Map<string, NdArray>([
        ...Object.entries(given).map(([k, v]): [string, NdArray] => [k, f32([2], v)]),
        ["num_batches_tracked", i32([], [7])],
      ]),
    );
    expectNear(await run(layer, x, "eval", backend()), [1, 3, 11, 11, 5, 7, 11, 11]);
    expect(await dict(layer)).toEqual({ ...given, num_batches_tracked: [7] });
  });

  test("momentum null averages all batches alike", async () => {
    const layer = new BatchNorm1d(2, { momentum: null, affine: false }).initialize(0);
    const program = await compile(backend(), { x: [2, 2] }, (given) => layer.forward(given.x), { mode: "train" });
    for (const x of [
      [0, 0, 2, 4],
      [4, 0, 8, 4],
      [8, 0, 8, 1],
    ])
      await program.run({ x });
    const state = await dict(layer);
    expect(Object.keys(state)).toEqual(["running_mean", "running_var", "num_batches_tracked"]);
    expectNear(state.running_mean, [(1 + 6 + 8) / 3, (2 + 2 + 0.5) / 3]);
    expectNear(state.running_var, [(2 + 8 + 0) / 3, (8 + 8 + 0.5) / 3]);
    expect(state.num_batches_tracked).toEqual([3]);
    await program.close();
  });

  test("without running statistics, evaluation uses the batch's too", async () => {
    const layer = new BatchNorm1d(2, { trackRunningStats: false }).initialize(0);
    expect(await run(layer, x, "eval", backend())).toEqual(await run(layer, x, "train", backend()));
    expect(Object.keys(await dict(layer))).toEqual(["weight", "bias"]);
  });

  test("a layer that is used twice counts both batches", async () => {
    class Twice extends Module {
      readonly bn = new BatchNorm1d(1, { momentum: 0.5, affine: false });
      override forward(x: Tensor<[2, 1]>): Tensor {
        return add(this.bn.forward(x), this.bn.forward(add(x, 8) as typeof x));
      }
    }
    const model = new Twice().initialize(0);
    await run(model, f32([2, 1], [0, 4]), "train", backend());
    const state = await dict(model);
    expectNear(state["bn.running_mean"], [0.5 * 1 + 0.5 * 10]);
    expect(state["bn.num_batches_tracked"]).toEqual([2]);
  });
});

describe("the other norms", () => {
  const x = f32([2, 4, 1, 2], [1, 3, 5, 7, 0, 0, 2, 2, 9, 9, 9, 9, -1, 1, 1, 3]);

  test("of two and three spatial axes agree where there is one place", async () => {
    const flat = f32([4, 3], [1, 2, 3, 4, 0, -1, 7, 5, 2, 0, 0, 1]);
    const expected = await run(new BatchNorm1d(3).initialize(0), flat, "train");
    expect(await run(new BatchNorm2d(3).initialize(0), f32([4, 3, 1, 1], flat.data), "train")).toEqual(expected);
    expect(await run(new BatchNorm3d(3).initialize(0), f32([4, 3, 1, 1, 1], flat.data), "train")).toEqual(expected);
  });

  test("GroupNorm: groups of channels of one image", async () => {
    const layer = new GroupNorm(2, 4).initialize(0);
    const [a, b, c] = [1 / Math.sqrt(5 + 1e-5), 1 / Math.sqrt(1 + 1e-5), 1 / Math.sqrt(2 + 1e-5)];
    expectNear(await run(layer, x), [-3 * a, -a, a, 3 * a, -b, -b, b, b, 0, 0, 0, 0, -2 * c, 0, 0, 2 * c]);
    expect(Object.keys(await dict(layer))).toEqual(["weight", "bias"]);
    expect(Object.keys(await dict(new GroupNorm(2, 4, { affine: false })))).toEqual([]);
  });

  test("InstanceNorm: each channel of one image; one group for each channel is the same", async () => {
    const unit = 1 / Math.sqrt(1 + 1e-5);
    const expected = [-1, 1, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0, -1, 1, -1, 1].map((v) => v * unit);
    expectNear(await run(new InstanceNorm2d(4), x), expected);
    expectNear(await run(new GroupNorm(4, 4).initialize(0), x), expected);
    expectNear(await run(new InstanceNorm1d(4), f32([2, 4, 2], x.data)), expected);
    expectNear(await run(new InstanceNorm3d(4), f32([2, 4, 1, 1, 2], x.data)), expected);
    expect(Object.keys(await dict(new InstanceNorm2d(4)))).toEqual([]);
    expect(Object.keys(await dict(new InstanceNorm2d(4, { affine: true })))).toEqual(["weight", "bias"]);
  });

  test("InstanceNorm with running statistics: means over images, for evaluation", async () => {
    const layer = new InstanceNorm1d(1, { trackRunningStats: true, momentum: 0.5, eps: 0 }).initialize(0);
    // Means 2 and 6, unbiased variances 2 and 8.
    const x = f32([2, 1, 2], [1, 3, 4, 8]);
    expectNear(await run(layer, x, "train"), [-1, 1, -1, 1]);
    const state = await dict(layer);
    expect(Object.keys(state)).toEqual(["running_mean", "running_var", "num_batches_tracked"]);
    expectNear(state.running_mean, [2]);
    expectNear(state.running_var, [3]);
    expect(state.num_batches_tracked).toEqual([0]);
    expectNear(
      await run(layer, x),
      [-1, 1, 2, 6].map((v) => v / Math.sqrt(3)),
    );
  });

  test("LayerNorm: the last axes", async () => {
    const layer = new LayerNorm([1, 2]).initialize(0);
    expectNear(await run(layer, x), await run(new InstanceNorm2d(4), x));
    expect((await layer.stateDict()).get("weight")?.shape).toEqual([1, 2]);
    expectNear(await run(new LayerNorm(2, { elementwiseAffine: false, eps: 3 }), f32([1, 2], [1, 3])), [-0.5, 0.5]);
  });

  test("LocalResponseNorm: neighbouring channels", async () => {
    const layer = new LocalResponseNorm(3, { alpha: 3, beta: 0.5, k: 1 });
    // x / sqrt(1 + sum of squares of the channel and its neighbours)
    expectNear(await run(layer, f32([1, 3, 1], [1, 2, 3])), [1 / Math.sqrt(6), 2 / Math.sqrt(15), 3 / Math.sqrt(14)]);
    // PyTorch: of two, the one before.
    expectNear(await run(new LocalResponseNorm(2, { alpha: 2, beta: 1 }), f32([1, 3, 1], [1, 2, 3])), [1 / 2, 2 / 6, 3 / 14]);
  });
});

describe("what cannot be", () => {
  test.each([
    [() => new BatchNorm2d(0), "BatchNorm2d: numFeatures must be a whole number of at least 1, got 0"],
    [() => new BatchNorm2d(3 as number).forward(input("x", [1, 4, 5, 5])), "BatchNorm2d takes 3 channels, but its input has 4 (4 x 5 x 5)"],
    [() => new BatchNorm1d(3 as number).forward(input("x", [2, 4])), "BatchNorm1d takes 3 features, but its input has 4"],
    [
      () => new BatchNorm1d(3).forward(input("x", [2, 3, 4, 4] as number[])),
      "BatchNorm1d takes features or channels x length, but its input is 3 x 4 x 4",
    ],
    [() => new GroupNorm(3 as number, 4), "GroupNorm: numGroups must divide 4 channels, got 3"],
    [() => new GroupNorm(2, 4 as number).forward(input("x", [2, 6, 3])), "GroupNorm takes 4 channels, but its input has 6 (6 x 3)"],
    [() => new LayerNorm([4, 5] as number[]).forward(input("x", [2, 4, 6])), "LayerNorm takes 4 x 5 as last axes, but its input is 4 x 6"],
    [() => new LayerNorm([2, 4] as number[]).forward(input("x", [2, 4])), "LayerNorm takes 2 x 4 as last axes, but its input is 4"],
    [() => new LocalResponseNorm(0), "LocalResponseNorm: size must be a whole number of at least 1, got 0"],
    [
      () => new InstanceNorm2d(4).forward(input("x", [2, 4, 1, 1])),
      "instanceNorm: needs more than one value per channel, got input [2, 4, 1, 1]",
    ],
  ] as const)("%s", (make, message) => {
    expect(make).toThrow(new OpError("", message));
  });
});
