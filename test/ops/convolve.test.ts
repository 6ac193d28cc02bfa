/** Convolution of signals and images, against numbers of NumPy 2.4 and SciPy 1.17; and what is known of it as an operation. */
import { describe, expect, test } from "vitest";
import { compile, f32, type NdArray, OpError, reference, type Tensor, wasm } from "../../src/index.ts";
import { type ConvolveMode, convolve, correlate } from "../../src/ops/convolve.ts";
import { add, conv, flip, mul } from "../../src/ops/index.ts";
import { drawn } from "../laws/networks.ts";

async function run(fn: (x: Tensor, k: Tensor) => Tensor, x: NdArray, k: NdArray, backend = reference()): Promise<NdArray> {
  const program = await compile(backend, { x: x.shape, k: k.shape }, ({ x, k }) => fn(x, k));
  const { output } = await program.run({ x, k });
  await program.close();
  return output;
}

const signal = f32([5], [1, 2, 3, 4, 5]);
const even = f32([4], [1, 10, 100, 1000]);
const odd = f32([3], [1, 10, 100]);
const image = f32([3, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const square = f32([2, 2], [1, 10, 100, 1000]);

describe("NumPy and SciPy say", () => {
  test.each<[string, NdArray, NdArray, ConvolveMode, number[], number[]]>([
    ["even, full", signal, even, "full", [1, 12, 123, 1234, 2345, 3450, 4500, 5000], [1000, 2100, 3210, 4321, 5432, 543, 54, 5]],
    ["even, same", signal, even, "same", [12, 123, 1234, 2345, 3450], [2100, 3210, 4321, 5432, 543]],
    ["even, valid", signal, even, "valid", [1234, 2345], [4321, 5432]],
    ["odd, same", signal, odd, "same", [12, 123, 234, 345, 450], [210, 321, 432, 543, 54]],
    ["odd, valid", signal, odd, "valid", [123, 234, 345], [321, 432, 543]],
    ["the kernel larger, full", odd, signal, "full", [1, 12, 123, 234, 345, 450, 500], [5, 54, 543, 432, 321, 210, 100]],
    ["the kernel larger, same", odd, signal, "same", [123, 234, 345], [543, 432, 321]],
    ["the kernel larger, valid", odd, signal, "valid", [123, 234, 345], [543, 432, 321]],
    [
      "image, same",
      image,
      square,
      "same",
      [1, 12, 23, 34, 105, 1256, 2367, 3478, 509, 5700, 6811, 7922],
      [1000, 2100, 3200, 4300, 5010, 6521, 7632, 8743, 9050, 10965, 12076, 13187],
    ],
    ["image, valid", image, square, "valid", [1256, 2367, 3478, 5700, 6811, 7922], [6521, 7632, 8743, 10965, 12076, 13187]],
    ["image, the kernel larger", square, image, "valid", [1256, 2367, 3478, 5700, 6811, 7922], [13187, 12076, 10965, 8743, 7632, 6521]],
  ])("%s", async (_, x, k, mode, convolved, correlated) => {
    for (const backend of [reference(), wasm({ threads: 1 })]) {
      expect([...(await run((a, b) => convolve(a, b, mode), x, k, backend)).data]).toEqual(convolved);
      expect([...(await run((a, b) => correlate(a, b, mode), x, k, backend)).data]).toEqual(correlated);
    }
  });

  test("volumes", async () => {
    const v = f32([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
    const w = f32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const full = await run((a, b) => convolve(a, b), v, w);
    expect(full.shape).toEqual([3, 3, 3]);
    // biome-ignore format: one line
    expect([...full.data]).toEqual([0, 1, 2, 2, 10, 10, 6, 17, 12, 4, 18, 16, 28, 84, 60, 32, 82, 52, 20, 49, 30, 58, 138, 82, 42, 97, 56]);
    expect([...(await run((a, b) => correlate(a, b, "same"), v, w)).data]).toEqual([0, 8, 16, 44, 32, 72, 80, 168]);
  });
});

describe("as an operation", () => {
  const [a, b] = [drawn("a", [6, 5]), drawn("b", [3, 4])];
  const close = (x: NdArray, y: NdArray): void => {
    expect(x.shape).toEqual(y.shape);
    x.data.forEach((v, i) => expect(v).toBeCloseTo(y.data[i]!, 5));
  };

  test("it is commutative, and correlation is not", async () => {
    close(await run(convolve, a, b), await run(convolve, b, a));
    const [one, other] = [await run(correlate, a, b), await run(correlate, b, a)];
    expect(one.data).not.toEqual(other.data);
    close(one, await run((x, y) => flip(correlate(y, x)), a, b));
  });

  test("flipping the kernel turns one into the other", async () => {
    close(await run(convolve, a, b), await run((x, k) => correlate(x, flip(k)), a, b));
  });

  test("it is linear", async () => {
    const c = drawn("c", [6, 5]);
    const sum = f32(
      a.shape,
      a.data.map((v, i) => 3 * v + c.data[i]!),
    );
    const parts = [await run(convolve, a, b), await run(convolve, c, b)] as const;
    close(
      await run(convolve, sum, b),
      f32(
        parts[0].shape,
        parts[0].data.map((v, i) => 3 * v + parts[1].data[i]!),
      ),
    );
    close(await run((x, k) => add(convolve(x, k), mul(convolve(x, k), 2)), a, b), await run((x, k) => convolve(mul(x, 3), k), a, b));
  });

  test("with several channels it is commutative no more: the channels must match", async () => {
    const x = drawn("x", [1, 2, 4, 4]);
    const w = drawn("w", [1, 2, 4, 4]);
    expect((await run((p, q) => conv(p, q), x, w)).shape).toEqual([1, 1, 1, 1]);
    close(await run((p, q) => conv(p, q), x, w), await run((p, q) => conv(q, p), x, w));
    const three = drawn("w3", [5, 2, 3, 3]);
    await expect(run((p, q) => conv(q, p), x, three)).rejects.toThrow(OpError);
  });
});
