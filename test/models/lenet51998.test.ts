import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { gather } from "../../src/data/batches.ts";
import { strokes } from "../../src/data/index.ts";
import { compile, f32, grad, input, NdArray, reference, type Tensor, wasm } from "../../src/index.ts";
import { digitCodes } from "../../src/models/digitCodes.ts";
import { lenet51998 } from "../../src/models/lenet51998.ts";
import { PartialConv2d } from "../../src/nn/layers/partialConv.ts";
import { RadialBasis } from "../../src/nn/layers/radialBasis.ts";
import { conv, crossEntropy } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { normalize } from "../../src/train/classify.ts";

const drawn = (stream: RandomStream, shape: readonly number[]): NdArray<"f32"> => {
  const array = new NdArray("f32", shape);
  array.data.forEach((_, i) => {
    array.data[i] = 2 * stream.uniform(i) - 1;
  });
  return array;
};

describe("lenet5-1998", () => {
  it("names its weights after the paper's layers", () => {
    const shapes = [...lenet51998().namedStates()].map(([name, { shape }]) => `${name} ${shape.join("x")}`);
    expect(shapes).toEqual([
      "c1.weight 6x1x5x5",
      "c1.bias 6",
      "s2.weight 6",
      "s2.bias 6",
      "c3.weight.0 6x3x5x5",
      "c3.weight.1 9x4x5x5",
      "c3.weight.2 1x6x5x5",
      "c3.bias 16",
      "s4.weight 16",
      "s4.bias 16",
      "c5.weight 120x16x5x5",
      "c5.bias 120",
      "f6.weight 84x120",
      "f6.bias 84",
      "output.centers 10x84",
    ]);
  });

  it("connects C3 as table I of the paper does", () => {
    const { table } = [...lenet51998().namedModules().values()].find((m) => m instanceof PartialConv2d)!;
    // The rows of the table: the maps of C3 that each map of S2 goes to.
    const rows = Array.from({ length: 6 }, (_, from) => table.flatMap((reads, map) => (reads.includes(from) ? [map] : [])).join(" "));
    expect(rows).toEqual([
      "0 4 5 6 9 10 11 12 14 15",
      "0 1 5 6 7 10 11 12 13 15",
      "0 1 2 6 7 8 11 13 14 15",
      "1 2 3 6 7 8 9 12 14 15",
      "2 3 4 7 8 9 10 12 13 15",
      "3 4 5 8 9 10 11 13 14 15",
    ]);
  });

  it("tells 10 drawings of 7 x 12 apart", () => {
    expect(digitCodes.map((code) => code.length)).toEqual(Array(10).fill(84));
    expect(new Set(digitCodes.flat())).toEqual(new Set([1, -1]));
    for (const [i, a] of digitCodes.entries())
      for (const b of digitCodes.slice(i + 1)) expect(a.filter((pixel, k) => pixel !== b[k]).length).toBeGreaterThanOrEqual(6);
  });

  it("takes smaller images with a margin, and fewer classes", () => {
    const shapeOf = (options: Parameters<typeof lenet51998>[0], ...shape: readonly number[]): readonly number[] =>
      (lenet51998(options).forward(input("x", shape) as never) as Tensor).shape;
    expect(shapeOf({}, 2, 1, 32, 32)).toEqual([2, 10]);
    expect(shapeOf({ channels: 3, height: 28, width: 9, classes: 4 }, 2, 3, 28, 9)).toEqual([2, 4]);
    expect(() => lenet51998({ height: 33 })).toThrow("lenet51998: images must be at most 32 x 32, got 33 x 32. Make them smaller");
    expect(() => lenet51998({ classes: 26 })).toThrow("lenet51998: there are codes for 10 classes, got 26. Use lenet5");
  });

  it("learns: the loss falls, and every gradient is finite and somewhere not zero", async () => {
    const data = strokes({ split: "train", count: 32 });
    const model = lenet51998({ height: 28, width: 28 }).initialize(1);
    const parameters = model.parameters();
    const optimizer = new SGD({ lr: 0.002, momentum: 0.9 });
    const specs = { images: { shape: data.images.shape, dtype: "u8" }, labels: { shape: [32], dtype: "i32" }, lr: [] } as const;
    const step = await compile(
      wasm({ threads: 1 }),
      specs,
      ({ images, labels, lr }) => {
        const loss = crossEntropy(model.forward(normalize(images, data) as never), labels);
        const gradients = grad(
          loss,
          parameters.map((p) => p.tensor),
        );
        optimizer.step(parameters, gradients, lr);
        return { loss, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) } as Record<string, Tensor>;
      },
      { mode: "train" },
    );
    const images = new Uint8Array(data.images.data.length);
    const labels = new Int32Array(32);
    gather(
      data,
      Int32Array.from({ length: 32 }, (_, i) => i),
      images,
      labels,
    );
    const losses: number[] = [];
    for (let i = 0; i < 40; i++) {
      const { loss, ...gradients } = await step.run({ images, labels, lr: 0.002 });
      losses.push(loss!.item());
      for (const g of Object.values(gradients))
        expect(g.data.every((x: number) => Number.isFinite(x)) && g.data.some((x: number) => x !== 0)).toBe(true);
    }
    await step.close();
    expect(losses[0]).toBeGreaterThan(1.5);
    expect(Math.min(...losses.slice(-5))).toBeLessThan(0.5 * losses[0]!);
  });
});

describe("PartialConv2d", () => {
  const table = [[2], [0, 1], [1, 2], [0, 1, 2], [0, 2, 1], [0]];

  it("is the convolution whose other weights are zero", async () => {
    const layer = new PartialConv2d(3, table, [3, 2]).initialize(5);
    expect(layer.parameters().reduce((n, p) => n + p.shape.reduce((a, b) => a * b, 1), 0)).toBe((1 + 2 + 2 + 3 + 3 + 1) * 6 + 6);
    const full = new NdArray("f32", [6, 3, 3, 2]);
    const weights = layer.weight.flatMap((w) => [...w.read().data]);
    let at = 0;
    for (const [map, reads] of table.entries())
      for (const c of reads) for (let k = 0; k < 6; k++) full.data[(map * 3 + c) * 6 + k] = weights[at++]!;
    const x = drawn(new RandomStream(1, "x"), [2, 3, 6, 5]);
    const program = await compile(reference(), { x: x.shape, w: full.shape, b: [6] }, (i) => ({
      partial: layer.forward(i.x as never) as Tensor,
      whole: conv(i.x, i.w, i.b),
    }));
    const { partial, whole } = await program.run({ x, w: full, b: layer.bias.read() });
    expect(partial.shape).toEqual([2, 6, 4, 4]);
    partial.data.forEach((value: number, i: number) => expect(value).toBeCloseTo(whole.data[i]!, 5));
  });

  it("says what is wrong with a table", () => {
    expect(() => new PartialConv2d(3, [[0], [1, 3]], 5)).toThrow("PartialConv2d: map 1 must read different maps from 0 to 2, got [1, 3]");
    expect(() => new PartialConv2d(3, [[1, 1]], 5)).toThrow("PartialConv2d: map 0 must read different maps from 0 to 2, got [1, 1]");
    expect(() => new PartialConv2d(3, [[]], 5)).toThrow("PartialConv2d: map 0 must read different maps from 0 to 2, got []");
    expect(() => new PartialConv2d(3, [], 5)).toThrow("PartialConv2d: maps in the table must be a whole number of at least 1, got 0");
    const layer = new PartialConv2d(3, table, 5);
    expect(() => layer.forward(input("x", [1, 2, 9, 9]) as never)).toThrow(
      "PartialConv2d takes 3 channels, but its input has 2 (2 x 9 x 9)",
    );
  });
});

describe("RadialBasis", () => {
  it("is minus the squared distance to each point, which no step moves", async () => {
    const layer = new RadialBasis(2, 3, [
      [0, 0],
      [1, -1],
      [3, 4],
    ]);
    expect(layer.parameters()).toEqual([]);
    const program = await compile(reference(), { x: [2, 2] }, ({ x }) => layer.forward(x));
    const { output } = await program.run({ x: f32([2, 2], [0, 0, 1, 1]) });
    expect([...output.data].map((n) => n + 0)).toEqual([0, -2, -25, -2, -4, -13]);
  });

  it("says what does not fit", () => {
    expect(() => new RadialBasis(2, 2, [[0, 0], [1]])).toThrow("RadialBasis: centers must be 2 rows of 2 numbers, got 2 of 2 and 1");
    const layer = new RadialBasis(2, 1, [[0, 0]]);
    expect(() => layer.forward(input("x", [1, 3]) as never)).toThrow("RadialBasis takes 2 features, but its input is 3");
  });
});
