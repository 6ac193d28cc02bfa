/** What sharing weights saves, in numbers and as the linear layer that a convolution is. */
import { describe, expect, test } from "vitest";
import { equivalentDense } from "../../src/analysis/weights/equivalentDense.ts";
import { parameterLadder } from "../../src/analysis/weights/parameterLadder.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { compile, f32, OpError, reference } from "../../src/index.ts";
import { Conv1d, Conv2d } from "../../src/nn/index.ts";
import { flatten, reshape } from "../../src/ops/index.ts";

describe("ladder", () => {
  test("of a layer with k1 k2 = 25, n = 784 and M = 6: the notes' formulas", () => {
    const { inputs, outputs, window, rungs, saving } = parameterLadder(new Conv2d(1, 6, 5), [1, 32, 32]);
    expect([inputs, outputs, window]).toEqual([1024, 784, 25]);
    expect(rungs.map((r) => r.weights)).toEqual([1024 * 784, 25 * 784, 25, 25 * 6]);
    // (k1 k2 + 1) n, k1 k2 + 1, (k1 k2 + 1) M.
    expect(rungs.slice(1).map((r) => r.weights + r.biases)).toEqual([26 * 784, 26, 26 * 6]);
    expect(rungs.map((r) => r.multiplyAdds)).toEqual([1024 * 784, 25 * 784, 25 * 784, 25 * 784 * 6]);
    expect(saving).toBe(1024 / 25);
    expect(rungs[1].weightsFormula).toBe("5 * 5 * 1 in a window of its own for each of 28 * 28 outputs = 19600");
    for (const r of rungs) for (const f of [r.weightsFormula, r.multiplyAddsFormula]) expect(f).toMatch(/ = \d+$/);
  });

  test("3 x 3 over RGB, 4 filters: 112; strides, padding and groups count", () => {
    const filters = parameterLadder({ kernel: [3, 3], filters: 4, padding: 1, stride: 2 }, [3, 8, 9]);
    expect(filters.rungs[3].weights + filters.rungs[3].biases).toBe(112);
    expect(filters.outputs).toBe(4 * 5);
    const grouped = parameterLadder(new Conv2d(4, 8, 3, { groups: 2, bias: false }), [4, 5, 5]);
    expect(grouped.rungs[3]).toMatchObject({ weights: 8 * 2 * 9, biases: 0, units: 8 * 9 });
    expect(() => parameterLadder({ kernel: [7, 7], filters: 1 }, [1, 5, 5])).toThrow(OpError);
    expect(() => parameterLadder({ kernel: [3, 3], filters: 0 }, [1, 5, 5])).toThrow(/filters must be/);
  });
});

function drawn(shape: Shape): ReturnType<typeof f32> {
  const stream = new RandomStream(1, `${shape}`);
  return f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1),
  );
}

describe("dense equivalent", () => {
  test.each([
    ["padding and stride", new Conv2d(2, 3, 3, { padding: 1, stride: 2 }), [2, 6, 7]],
    ["groups and dilation", new Conv2d(4, 2, [2, 3], { groups: 2, dilation: [1, 2], bias: false }), [4, 5, 7]],
    ["one axis, causal", new Conv1d(2, 3, 3, { padding: "causal" }), [2, 9]],
  ] as const)("%s: same outputs, same numbers, zeros elsewhere", async (_, layer, shape) => {
    const conv = layer as unknown as Conv2d<number, number, number>;
    const { linear, weight, tie, outputShape, counts } = equivalentDense(conv, shape);
    const x = drawn([2, ...shape]);
    const program = await compile(reference(), { x: x.shape }, ({ x }) => ({
      conv: flatten(conv.forward(x as never)),
      dense: reshape(linear.forward(flatten(x)), [2, sizeOf(outputShape)]),
    }));
    const result = await program.run({ x });
    expect(result.conv.shape).toEqual([2, sizeOf(outputShape)]);
    result.conv.data.forEach((v, i) => expect(Math.abs(v - result.dense.data[i]!)).toBeLessThan(1e-6));
    const values = layer.weight.read().data;
    weight.data.forEach((w, i) => expect(w).toBe(tie.data[i] === -1 ? 0 : values[tie.data[i]!]));
    const tied = tie.data.filter((t) => t >= 0);
    expect(counts).toEqual({
      denseParameters: weight.data.length + sizeOf(outputShape),
      convParameters: values.length + (layer.bias ? layer.outChannels : 0),
      zeros: weight.data.length - tied.length,
      copies: tied.length,
      distinct: values.length,
    });
  });

  test("without padding each weight has as many copies as there are outputs", () => {
    const { tie, counts } = equivalentDense(new Conv2d(1, 2, 3) as unknown as Conv2d<number, number, number>, [1, 8, 8]);
    const copies = new Map<number, number>();
    for (const t of tie.data) copies.set(t, (copies.get(t) ?? 0) + 1);
    copies.delete(-1);
    expect(new Set(copies.values())).toEqual(new Set([36]));
    expect(counts).toMatchObject({ denseParameters: 72 * 64 + 72, convParameters: 20, copies: 18 * 36, distinct: 18 });
  });
});
