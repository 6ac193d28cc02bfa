/** Resizing, against what PyTorch's documentation and rules say. */
import { describe, expect, test } from "vitest";
import { compile, f32, grad, type NdArray, reference, type Tensor, wasm } from "../../src/index.ts";
import { mul, sum } from "../../src/ops/index.ts";
import { type InterpolateOptions, interpolate } from "../../src/ops/interpolate.ts";
import { drawn } from "../laws/networks.ts";

async function resized(x: NdArray, options: InterpolateOptions, backend = reference()): Promise<NdArray> {
  const program = await compile(backend, { x: x.shape }, ({ x }) => interpolate(x, options));
  const { output } = await program.run({ x });
  await program.close();
  return output;
}
const close = (actual: NdArray, expected: readonly number[], digits = 4): void => {
  expect(actual.data.length).toBe(expected.length);
  expected.forEach((v, i) => expect(actual.data[i], `element ${i}`).toBeCloseTo(v, digits));
};

const two = f32([1, 1, 2, 2], [1, 2, 3, 4]);
const three = f32([1, 1, 3, 3], [1, 2, 0, 3, 4, 0, 0, 0, 0]);

// The examples of torch.nn.Upsample's documentation.
describe("PyTorch's own examples", () => {
  test("nearest", async () => {
    close(await resized(two, { scaleFactor: 2 }), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });
  test("bilinear", async () => {
    // biome-ignore format: a table
    close(await resized(two, { scaleFactor: 2, mode: "bilinear" }), [
      1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4,
    ]);
    // biome-ignore format: a table
    close(await resized(three, { scaleFactor: 2, mode: "bilinear" }), [
      1, 1.25, 1.75, 1.5, 0.5, 0,
      1.5, 1.75, 2.25, 1.875, 0.625, 0,
      2.5, 2.75, 3.25, 2.625, 0.875, 0,
      2.25, 2.4375, 2.8125, 2.25, 0.75, 0,
      0.75, 0.8125, 0.9375, 0.75, 0.25, 0,
      0, 0, 0, 0, 0, 0,
    ]);
  });
  test("bilinear with corners aligned", async () => {
    // biome-ignore format: a table
    close(await resized(two, { scaleFactor: 2, mode: "bilinear", alignCorners: true }), [
      1, 1.3333, 1.6667, 2, 1.6667, 2, 2.3333, 2.6667, 2.3333, 2.6667, 3, 3.3333, 3, 3.3333, 3.6667, 4,
    ]);
    // biome-ignore format: a table
    close(await resized(three, { scaleFactor: 2, mode: "bilinear", alignCorners: true }), [
      1, 1.4, 1.8, 1.6, 0.8, 0,
      1.8, 2.2, 2.6, 2.24, 1.12, 0,
      2.6, 3, 3.4, 2.88, 1.44, 0,
      2.4, 2.72, 3.04, 2.56, 1.28, 0,
      1.2, 1.36, 1.52, 1.28, 0.64, 0,
      0, 0, 0, 0, 0, 0,
    ]);
  });
});

describe("places", () => {
  const line = (n: number): NdArray =>
    f32(
      [1, 1, n],
      Array.from({ length: n }, (_, i) => i),
    );
  const indices = async (n: number, options: InterpolateOptions): Promise<number[]> => [...(await resized(line(n), options)).data];

  test("nearest takes the floor, nearest-exact the nearest centre", async () => {
    expect(await indices(5, { size: 3 })).toEqual([0, 1, 3]);
    expect(await indices(5, { size: 3, mode: "nearest-exact" })).toEqual([0, 2, 4]);
    expect(await indices(3, { size: 5 })).toEqual([0, 0, 1, 1, 2]);
    expect(await indices(3, { size: 5, mode: "nearest-exact" })).toEqual([0, 0, 1, 2, 2]);
    // 41 outputs of 41 / 3 inputs each: a division that loses its last bit must not move a place.
    expect(await indices(41, { size: 123 })).toEqual(Array.from({ length: 123 }, (_, i) => Math.floor(i / 3)));
  });

  test("follow from the factor where one is given, not from the sizes it leads to", async () => {
    // 5 x 1.5 is 7.5: 7 outputs, 2/3 of an input apart, not 5/7.
    expect(await indices(5, { scaleFactor: 1.5 })).toEqual([0, 0, 1, 2, 2, 3, 4]);
    expect(await indices(5, { size: 7 })).toEqual([0, 0, 1, 2, 2, 3, 4]);
    close(await resized(line(5), { scaleFactor: 1.5, mode: "linear" }), [0, 0.5, 1.1667, 1.8333, 2.5, 3.1667, 3.8333]);
    close(await resized(line(5), { size: 7, mode: "linear" }), [0, 0.5714, 1.2857, 2, 2.7143, 3.4286, 4]);
    close(await resized(line(3), { scaleFactor: 1.2, mode: "linear" }), [0, 0.75, 1.5833]);
  });

  test("a line stays a line, away from the edges", async () => {
    // Keys' spline keeps lines with a = -0.5, which is that of antialias; with -0.75 it does not.
    for (const options of [{ mode: "linear" }, { mode: "cubic", antialias: true }] as const) {
      const y = await resized(line(12), { scaleFactor: 2, ...options });
      for (let o = 4; o < 20; o++) expect(y.data[o]).toBeCloseTo((o + 0.5) / 2 - 0.5, 5);
    }
    const smooth = await resized(line(12), { size: 4, mode: "linear", antialias: true });
    close(smooth, [1.25, 4, 7, 9.75]);
  });

  test("area is the mean of what an output covers", async () => {
    close(await resized(line(5), { size: 2, mode: "area" }), [1, 3]);
    close(await resized(line(6), { size: 3, mode: "area" }), [0.5, 2.5, 4.5]);
  });

  test("an axis of the same size stays as it is", async () => {
    const x = drawn("x", [1, 2, 3, 4]);
    expect([...(await resized(x, { size: [3, 4], mode: "bicubic" })).data]).toEqual([...x.data]);
    expect([...(await resized(x, { size: [3, 4], mode: "bilinear", alignCorners: true })).data]).toEqual([...x.data]);
  });
});

describe("sizes without a pattern", () => {
  // 50 to 67 is a row of its own for each output: a product with a matrix.
  const x = drawn("x", [2, 3, 50, 4]);

  test.each(["bilinear", "bicubic", "nearest"] as const)("%s", async (mode) => {
    const y = await resized(x, { size: [67, 4], mode }, wasm({ threads: 1 }));
    const line = f32([1, 1, 50], x.data.filter((_, i) => i % 4 === 1).slice(50, 100));
    const names = { bilinear: "linear", bicubic: "cubic", nearest: "nearest" } as const;
    // One line of it in 8 parts of which each has a pattern, by its definition in f64.
    const expected = await resized(line, { size: 67, mode: names[mode] });
    const actual = y.data.filter((_, i) => i % 4 === 1).slice(67, 134);
    expected.data.forEach((v, i) => expect(actual[i]).toBeCloseTo(v, 5));
  });

  test("and their gradients", async () => {
    const results: NdArray[] = [];
    for (const backend of [reference(), wasm({ threads: 2 })]) {
      const program = await compile(backend, { x: x.shape }, ({ x }) => {
        const y: Tensor = interpolate(x, { size: [67, 9], mode: "bicubic" });
        return grad(sum(mul(y, y)), [x])[0]!;
      });
      results.push((await program.run({ x })).output);
      await program.close();
    }
    results[0]!.data.forEach((v, i) => expect(results[1]!.data[i]).toBeCloseTo(v, 3));
  });
});
