/** Layers that pool: values, shapes foretold, options that cannot be. What the ops give is tested in test/ops/pool.test.ts. */
import { describe, expect, it } from "vitest";
import { sizeOf } from "../../src/base/shape.ts";
import { compile, grad, input, OpError, reference, type Tensor } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import { sum } from "../../src/ops/index.ts";

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The layer's output for x, which has the shape that outputShape says. */
async function run(layer: nn.Module, shape: number[], values: number[] = range(shape.reduce((a, b) => a * b, 1))) {
  const program = await compile(reference(), { x: shape }, ({ x }) => layer.forward(x as never) as Tensor);
  const { output } = await program.run({ x: values });
  expect((layer as nn.Layer<never>).outputShape(shape)).toEqual(output.shape);
  return { shape: output.shape, data: [...output.data] };
}

describe("values", () => {
  it("ceil mode", async () => {
    expect((await run(new nn.MaxPool1d(2, { ceilMode: true }), [1, 1, 5])).data).toEqual([1, 3, 4]);
    expect((await run(new nn.MaxPool1d(2), [1, 1, 5])).data).toEqual([1, 3]);
    expect((await run(new nn.AvgPool1d(2, { ceilMode: true }), [1, 1, 5])).data).toEqual([0.5, 2.5, 4]);
    expect((await run(new nn.LPPool1d(1, 2, { ceilMode: true }), [1, 1, 5])).data).toEqual([1, 5, 8]);
    expect((await run(new nn.MaxPool3d(2, { ceilMode: true }), [1, 1, 3, 2, 2])).data).toEqual([7, 11]);
  });

  it("means: padding, divisors", async () => {
    expect((await run(new nn.AvgPool1d(2, { padding: 1 }), [1, 1, 4], [1, 3, 2, 4])).data).toEqual([0.5, 2.5, 2]);
    expect((await run(new nn.AvgPool1d(2, { padding: 1, countIncludePad: false }), [1, 1, 4], [1, 3, 2, 4])).data).toEqual([1, 2.5, 4]);
    expect((await run(new nn.AvgPool2d(2, { divisorOverride: 1 }), [1, 1, 2, 2])).data).toEqual([6]);
    expect((await run(new nn.AvgPool3d([1, 2, 2]), [1, 1, 2, 2, 2])).data).toEqual([1.5, 5.5]);
  });

  it("norms", async () => {
    expect((await run(new nn.LPPool2d(2, [1, 2]), [1, 1, 1, 4], [3, 4, 6, 8])).data).toEqual([5, 10]);
    expect((await run(new nn.LPPool3d(1, 2, { stride: 1 }), [1, 1, 2, 2, 3])).data).toEqual([40, 48]);
  });

  it("to a given size", async () => {
    expect((await run(new nn.AdaptiveAvgPool1d(3), [1, 1, 5])).data).toEqual([0.5, 2, 3.5]);
    expect((await run(new nn.AdaptiveMaxPool1d(3), [1, 1, 5])).data).toEqual([1, 3, 4]);
    expect(await run(new nn.AdaptiveAvgPool2d([1, null]), [1, 1, 2, 3])).toEqual({ shape: [1, 1, 1, 3], data: [1.5, 2.5, 3.5] });
    expect((await run(new nn.AdaptiveMaxPool2d(null), [1, 1, 2, 3])).data).toEqual(range(6));
    expect((await run(new nn.AdaptiveAvgPool3d(1), [1, 2, 1, 2, 2])).data).toEqual([1.5, 5.5]);
    expect((await run(new nn.AdaptiveMaxPool3d([1, 1, 2]), [1, 1, 2, 2, 2])).data).toEqual([6, 7]);
    for (const shape of [
      [2, 3, 4],
      [2, 3, 2, 2],
      [2, 3, 1, 2, 2],
    ]) {
      expect(await run(new nn.GlobalAvgPool(), shape)).toEqual({ shape: [2, 3], data: range(6).map((i) => 4 * i + 1.5) });
      expect((await run(new nn.GlobalMaxPool(), shape)).data).toEqual(range(6).map((i) => 4 * i + 3));
    }
  });

  it("max pools give their indices, and MaxUnpool goes back", async () => {
    for (const [pool, unpool, shape] of [
      [new nn.MaxPool1d(2), new nn.MaxUnpool1d(2), [1, 2, 5]],
      [new nn.MaxPool2d(2, { stride: 2 }), new nn.MaxUnpool2d(2, { stride: 2 }), [1, 2, 4, 5]],
      [new nn.MaxPool3d(2), new nn.MaxUnpool3d(2), [1, 1, 2, 4, 5]],
      [new nn.AdaptiveMaxPool1d(2), new nn.MaxUnpool1d(2), [1, 2, 5]],
    ] as const) {
      const program = await compile(reference(), { x: shape as readonly number[] }, ({ x }) => {
        const { output, indices } = (pool as nn.MaxPool2d<2>).withIndices(x as Tensor);
        return { output, indices, back: (unpool as nn.MaxUnpool2d<2>).forward(output, indices, shape.slice(2)) };
      });
      const size = sizeOf(shape);
      const { output, indices, back } = await program.run({ x: range(size).map((i) => i + 1) });
      expect(back.shape).toEqual(shape);
      expect([...back.data].filter((v) => v !== 0)).toEqual([...output.data]);
      const plane = sizeOf(shape.slice(2));
      expect([...indices.data]).toEqual([...output.data].map((v) => (v - 1) % plane));
    }
  });

  it("FractionalMaxPool draws other windows in each run, the same for the same seed", async () => {
    const results = async (seed: number): Promise<number[][]> => {
      const layer = new nn.FractionalMaxPool2d([1, 2], { outputSize: [1, 6] });
      layer.initialize(seed);
      const program = await compile(reference(), { x: [1, 4, 1, 13] }, ({ x }) => layer.forward(x));
      const all: number[][] = [];
      for (let i = 0; i < 3; i++) all.push([...(await program.run({ x: range(52) })).output.data]);
      return all;
    };
    const [first, again, other] = [await results(1), await results(1), await results(2)];
    expect(first).toEqual(again);
    expect(new Set([...first, ...other].map(String)).size).toBe(6);
    for (const run of first) {
      for (const [i, v] of run.entries()) {
        const [channel, o] = [Math.floor(i / 6), i % 6];
        // Windows of 2 that lie 2.2 apart on average; the last ends where the input does.
        const start = Math.floor(2.2 * o);
        expect(o === 5 ? [12] : [start + 1, start + 2]).toContain(v - 13 * channel);
      }
    }
  });

  it("FractionalMaxPool by ratio, in three axes, differentiated", async () => {
    const layer = new nn.FractionalMaxPool3d(2, { outputRatio: [0.5, 0.6, 0.7] });
    expect((await run(layer, [1, 2, 6, 7, 8])).shape).toEqual([1, 2, 3, 4, 5]);
    expect(layer.outputShape([undefined, 2, undefined, 7, undefined])).toEqual([undefined, 2, undefined, 4, undefined]);
    expect(await layer.stateDict()).toEqual(new Map());
    const program = await compile(reference(), { x: [1, 2, 6, 7, 8] }, ({ x }) => grad(sum(layer.forward(x)), [x])[0]!);
    const { output } = await program.run({ x: range(672) });
    expect([...output.data].reduce((a, b) => a + b, 0)).toBe(120);
  });

  it("Subsampling2d has a coefficient and a bias for each channel", async () => {
    const layer = new nn.Subsampling2d(2, 2);
    const set = (name: string, values: number[]): void => {
      const array = layer.namedStates().get(name)!.read();
      array.data.set(values);
      layer.namedStates().get(name)!.write(array);
    };
    set("weight", [1, 10]);
    set("bias", [0.5, -1]);
    expect(await run(layer, [1, 2, 2, 3])).toEqual({ shape: [1, 2, 1, 1], data: [8.5, 319] });
    // 12 weights in LeNet-5's S2.
    expect(new nn.Subsampling2d(6, 2).parameters().map((p) => p.shape)).toEqual([[6], [6]]);
  });
});

describe("what cannot be", () => {
  it.each([
    [() => new nn.AdaptiveAvgPool2d(0), "AdaptiveAvgPool2d: outputSize must be whole numbers of at least 1, got [0, 0]"],
    [() => new nn.AdaptiveMaxPool1d(1.5), "AdaptiveMaxPool1d: outputSize must be whole numbers of at least 1, got [1.5]"],
    [() => new nn.AdaptiveMaxPool2d([3] as unknown as [3, 3]), "AdaptiveMaxPool2d: outputSize needs 2 numbers, got [3]"],
    [() => new nn.Subsampling2d(0, 2), "Subsampling2d: channels must be a whole number of at least 1, got 0"],
    [() => new nn.MaxPool3d(2, { stride: [1, 0, 1] }), "MaxPool3d: stride must be whole numbers of at least 1, got [1, 0, 1]"],
    [
      () => new nn.FractionalMaxPool2d(2, {}).forward(input("x", [1, 1, 4, 4])),
      "fractionalMaxPool: takes either outputSize or outputRatio",
    ],
    [
      () => new nn.FractionalMaxPool2d(2, { outputSize: 4 }).forward(input("x", [1, 1, 4, 5])),
      "fractionalMaxPool: 4 windows of 2 need 5 inputs, got 4 on axis 2",
    ],
    [
      () => new nn.MaxUnpool2d(2).forward(input("x", [1, 1, 4]), input("i", [1, 1, 4], "i32")),
      "MaxUnpool2d takes channels x height x width, but its input is 1 x 4",
    ],
    [
      () => new nn.MaxUnpool1d(2).forward(input("x", [1, 1, 4]), input("i", [1, 1, 4], "i32"), [11]),
      "maxUnpool: outputSize must be less than a stride from [8], got [11]",
    ],
    [
      () => new nn.Sequential(new nn.ReLU(), new nn.MaxPool2d(9)).forward(input("x", [1, 1, 4, 4]) as never),
      "1: MaxPool2d: kernel 9 is larger than the input (1 x 4 x 4)",
    ],
  ] as const)("%#: %s", (make, message) => {
    expect(make).toThrow(new OpError("", message));
  });
});
