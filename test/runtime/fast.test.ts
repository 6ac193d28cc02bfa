/** `fast: true`: fused multiply-add where the engine has it, a clear error where it has not. */
import { describe, expect, test, vi } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { compile, State, type Tensor, wasm } from "../../src/index.ts";
import { conv, matmul } from "../../src/ops/index.ts";
import { hasRelaxedSimd } from "../../src/runtime/relaxedSimd.ts";
import { enableRelaxedSimd } from "../backend/enableRelaxedSimd.ts";

const drawn = (shape: readonly number[], name: string): State =>
  new State(
    shape,
    (array) => {
      const stream = new RandomStream(3, name);
      for (let i = 0; i < array.data.length; i++) array.data[i] = 2 * stream.uniform(i) - 1;
    },
    name,
  );

/** A product with odd sizes, and a convolution by transforms. */
async function results(fast: boolean, threads: number): Promise<Record<string, ArrayLike<number>>> {
  const [a, b] = [drawn([37, 45], "a"), drawn([45, 27], "b")];
  const [x, w] = [drawn([2, 19, 9, 10], "x"), drawn([21, 19, 3, 3], "w")];
  const program = await compile(
    wasm({ fast, threads }),
    {},
    (): Readonly<Record<string, Tensor>> => ({
      product: matmul(a.tensor, b.tensor),
      conv: conv(x.tensor, w.tensor, undefined, { padding: 1 }),
    }),
  );
  const found = await program.run({});
  await program.close();
  return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data]));
}

test("an engine without relaxed SIMD says so, and what to do", async () => {
  const validate = vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
  await expect(results(true, 1)).rejects.toThrow("fast: true needs WebAssembly's relaxed SIMD, which this engine lacks. Use Node 22");
  validate.mockRestore();
});

describe("fused multiply-add", () => {
  enableRelaxedSimd();

  test("is there", () => {
    expect(hasRelaxedSimd()).toBe(true);
  });

  test("agrees with separate roundings, and threads change no bit", async () => {
    const [exact, one, two] = [await results(false, 1), await results(true, 1), await results(true, 2)];
    for (const [name, values] of Object.entries(exact)) {
      const largest = Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      Array.from(values).forEach((v, i) => {
        expect(Math.abs(one![name]![i]! - v), `${name}[${i}]`).toBeLessThan(2e-5 * largest);
      });
      expect(two![name]).toEqual(one![name]);
    }
  });
});
