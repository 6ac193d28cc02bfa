import { describe, expect, test } from "vitest";
import { compile, grad, input, OpError, reference, type Tensor, wasm } from "../../src/index.ts";
import { Embedding } from "../../src/nn/index.ts";
import { embedding, mul, sum } from "../../src/ops/index.ts";

describe.each([["reference", () => reference()] as const, ["wasm", () => wasm({ threads: 1 })] as const])(
  "Embedding on %s",
  (_, backend) => {
    test("looks rows up, and its gradient adds up where a row was used", async () => {
      const program = await compile(backend(), { at: { shape: [2, 3], dtype: "i32" }, w: [4, 2], dy: [2, 3, 2] }, ({ at, w, dy }) => {
        const y = embedding(at, w);
        return { y, dw: grad(sum(mul(y, dy)), [w])[0]! };
      });
      const w = [1, 2, 3, 4, 5, 6, 7, 8];
      // 9 and -1 are no rows.
      const { y, dw } = await program.run({ at: [0, 3, 3, 9, -1, 1], w, dy: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] });
      expect(y.shape).toEqual([2, 3, 2]);
      expect([...y.data]).toEqual([1, 2, 7, 8, 7, 8, 0, 0, 0, 0, 3, 4]);
      expect([...dw.data]).toEqual([1, 2, 11, 12, 0, 0, 8, 10]);
      await program.close();
    });

    test("the row of padding starts at zero and is not trained", async () => {
      const layer = new Embedding(5, 3, { paddingIdx: -1 }).initialize(1);
      expect(layer.paddingIdx).toBe(4);
      const program = await compile(backend(), { at: { shape: [4], dtype: "i32" } }, ({ at }) => {
        const y = layer.forward(at);
        return { y, dw: grad(sum(y), [layer.weight.tensor])[0] as Tensor };
      });
      const { y, dw } = await program.run({ at: [4, 0, 4, 0] });
      const weight = (await layer.stateDict()).get("weight")!.data;
      expect([...weight.slice(12)]).toEqual([0, 0, 0]);
      expect([...y.data]).toEqual([0, 0, 0, ...weight.slice(0, 3), 0, 0, 0, ...weight.slice(0, 3)]);
      expect([...dw.data]).toEqual([2, 2, 2, ...new Array<number>(12).fill(0)]);
      await program.close();
    });
  },
);

test("starts with normal numbers", async () => {
  const { data } = (await new Embedding(200, 50).initialize(3).stateDict()).get("weight")!;
  const values = [...data];
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const moment = (k: number): number => values.reduce((a, b) => a + (b - mean) ** k, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.04);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.06);
  // A normal distribution has kurtosis 3.
  expect(Math.abs(moment(4) / moment(2) ** 2 - 3)).toBeLessThan(0.3);
});

test.each([
  [() => embedding(input("at", [2], "i32"), input("w", [4])), "embedding: weight must be [count, size], got [4]"],
  [() => embedding(input("at", [2]), input("w", [4, 3])), "embedding: indices must be i32, got f32 [2]"],
  [() => new Embedding(4, 2, { paddingIdx: 4 }), "Embedding: paddingIdx must be one of 4 rows, got 4"],
  [() => new Embedding(0, 2), "Embedding: numEmbeddings must be a whole number of at least 1, got 0"],
] as const)("%s", (make, message) => {
  expect(make).toThrow(new OpError("", message));
});
