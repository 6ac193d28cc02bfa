/** Ops that move elements, by their users' side: ranges, axes, sizes, as NumPy and PyTorch have them. */
import { describe, expect, test } from "vitest";
import { compile, f32, type NdArray, reference, type Tensor, wasm } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";

const range = (...shape: number[]): NdArray => {
  const size = shape.reduce((a, b) => a * b, 1);
  return f32(
    shape,
    Array.from({ length: size }, (_, i) => i),
  );
};

/** On both backends. */
async function run(fn: (x: Tensor) => Tensor, x: NdArray): Promise<NdArray> {
  const results: NdArray[] = [];
  for (const backend of [reference(), wasm({ threads: 1 })]) {
    const program = await compile(backend, { x: x.shape }, ({ x }) => fn(x));
    results.push((await program.run({ x })).output);
    await program.close();
  }
  expect(results[1]).toEqual(results[0]);
  return results[0]!;
}
const data = async (fn: (x: Tensor) => Tensor, x: NdArray): Promise<number[]> => [...(await run(fn, x)).data];

describe("slice is Python's", () => {
  test.each<[string, ops.Range, number[]]>([
    ["x[2:5]", [2, 5], [2, 3, 4]],
    ["x[:-2]", [undefined, -2], [0, 1, 2, 3, 4]],
    ["x[-3:]", [-3], [4, 5, 6]],
    ["x[::3]", [undefined, undefined, 3], [0, 3, 6]],
    ["x[1:6:2]", [1, 6, 2], [1, 3, 5]],
    ["x[::-1]", [undefined, undefined, -1], [6, 5, 4, 3, 2, 1, 0]],
    ["x[5:1:-2]", [5, 1, -2], [5, 3]],
    ["x[-2::-3]", [-2, undefined, -3], [5, 2]],
    ["x[4:99]", [4, 99], [4, 5, 6]],
    ["x[-99:2]", [-99, 2], [0, 1]],
    ["x[99::-4]", [99, undefined, -4], [6, 2]],
  ])("%s", async (_, range_, expected) => {
    expect(await data((x) => ops.slice(x, [range_]), range(7))).toEqual(expected);
  });

  test("several axes, and what is whole is the input itself", async () => {
    const y = await run((x) => ops.slice(x, [undefined, [1, 3], [undefined, undefined, -2]]), range(2, 3, 4));
    expect(y.shape).toEqual([2, 2, 2]);
    expect([...y.data]).toEqual([7, 5, 11, 9, 19, 17, 23, 21]);
    await run(
      (x) => {
        expect(ops.slice(x, [[], [0, 3]])).toBe(x);
        return x;
      },
      range(2, 3),
    );
  });
});

test("flip, roll, concat, stack, split", async () => {
  expect(await data((x) => ops.flip(x, [1]), range(2, 3))).toEqual([2, 1, 0, 5, 4, 3]);
  expect(await data((x) => ops.flip(x), range(2, 3))).toEqual([5, 4, 3, 2, 1, 0]);
  expect(await data((x) => ops.roll(x, [1, -1], [0, 1]), range(2, 3))).toEqual([4, 5, 3, 1, 2, 0]);
  expect(await data((x) => ops.roll(x, 7, -1), range(1, 3))).toEqual([2, 0, 1]);
  expect(await data((x) => ops.concat([x, ops.mul(x, 10)], -1), range(2, 2))).toEqual([0, 1, 0, 10, 2, 3, 20, 30]);
  const stacked = await run((x) => ops.stack([x, ops.mul(x, 10)], 1), range(2, 2));
  expect(stacked.shape).toEqual([2, 2, 2]);
  expect([...stacked.data]).toEqual([0, 1, 0, 10, 2, 3, 20, 30]);
  expect(await data((x) => ops.concat(ops.split(x, 2, 1).reverse()), range(1, 5))).toEqual([4, 2, 3, 0, 1]);
  expect(await data((x) => ops.concat(ops.split(x, [1, 3, 1], 1).reverse()), range(1, 5))).toEqual([4, 1, 2, 3, 0]);
});

describe("pad", () => {
  // numpy.pad(arange(1, 7).reshape(2, 3), ((1, 1), (2, 1)), mode)
  test.each([
    ["reflect", [6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2]],
    ["symmetric", [2, 1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 5, 4, 4, 5, 6, 6, 5, 4, 4, 5, 6, 6]],
    ["replicate", [1, 1, 1, 2, 3, 3, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5, 6, 6, 4, 4, 4, 5, 6, 6]],
    ["circular", [5, 6, 4, 5, 6, 4, 2, 3, 1, 2, 3, 1, 5, 6, 4, 5, 6, 4, 2, 3, 1, 2, 3, 1]],
  ] as const)("%s is NumPy's", async (mode, expected) => {
    const padded = await data((x) => ops.pad(ops.add(x, 1), [1, [2, 1]], { mode }), range(2, 3));
    expect(padded).toEqual(expected);
  });

  test("of the last axes, of every axis of space, and cropping", async () => {
    expect((await run((x) => ops.pad(x, [[1, 0]]), range(1, 2, 3, 4))).shape).toEqual([1, 2, 3, 5]);
    expect((await run((x) => ops.pad(x, 2), range(1, 2, 3, 4))).shape).toEqual([1, 2, 7, 8]);
    expect(await data((x) => ops.pad(x, [[-1, 1]], { value: 9 }), range(2, 3))).toEqual([1, 2, 9, 4, 5, 9]);
  });
});

test("fold undoes unfold where windows do not overlap, and counts them where they do", async () => {
  const whole = await run((x) => ops.fold(ops.unfold(x, 2, { stride: 2 }), [4, 6], 2, { stride: 2 }), range(1, 3, 4, 6));
  expect(whole).toEqual(range(1, 3, 4, 6));
  const twice = await data((x) => ops.fold(ops.unfold(x, [3]), [5], [3]), f32([1, 1, 5], [1, 1, 1, 1, 1]));
  expect(twice).toEqual([1, 2, 3, 2, 1]);
});

test("pixelShuffle and its inverse, for one, two and three axes of space", async () => {
  for (const [r, shape] of [
    [3, [1, 6, 4]],
    [2, [2, 8, 3, 2]],
    [2, [1, 16, 1, 2, 3]],
  ] as const) {
    expect(await run((x) => ops.pixelUnshuffle(ops.pixelShuffle(x, r), r), range(...shape))).toEqual(range(...shape));
  }
});
