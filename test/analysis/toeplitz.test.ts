import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsrToeplitz, type DenseToeplitz, toeplitz } from "../../src/analysis/toeplitz.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { f32, input, type NdArray, OpError, pullback } from "../../src/index.ts";
import { Conv1d, Conv2d } from "../../src/nn/index.ts";
import { type ConvOptions, conv } from "../../src/ops/conv.ts";
import { convWindows, int } from "../cases/arbitraries.ts";
import { evaluator } from "../laws/evaluate.ts";
import { SEED } from "../laws/forEveryCase.ts";

function drawn(shape: Shape, name: string): NdArray<"f32"> {
  const stream = new RandomStream(2, name);
  return f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1),
  );
}
const f64 = (a: NdArray): Float64Array => Float64Array.from(a.data);

/** T x, or T^T x. */
function times(t: DenseToeplitz | CsrToeplitz, x: Float64Array, transposed = false): Float64Array {
  const y = new Float64Array(transposed ? t.columns : t.rows);
  const add = (row: number, column: number, value: number): void => {
    if (transposed) y[column]! += value * x[row]!;
    else y[row]! += value * x[column]!;
  };
  if (t.format === "dense") t.matrix.data.forEach((value, i) => add(Math.floor(i / t.columns), i % t.columns, value));
  else
    for (let r = 0; r < t.rows; r++) for (let i = t.rowStarts[r]!; i < t.rowStarts[r + 1]!; i++) add(r, t.columnIndices[i]!, t.values[i]!);
  return y;
}

function expectClose(actual: Float64Array, expected: Float64Array): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((a, i) => expect(Math.abs(a - expected[i]!)).toBeLessThan(1e-12));
}

const convolutions = fc
  .tuple(fc.record({ groups: int(1, 3), c: int(1, 3), o: int(1, 3) }), convWindows)
  .map(([{ groups, c, o }, { window, space }]): { shape: Shape; weight: Shape; options: ConvOptions } => ({
    shape: [groups * c, ...space],
    weight: [groups * o, c, ...window.kernel],
    options: { stride: window.stride, padding: window.padding, dilation: window.dilation, groups },
  }));

describe.each(["dense", "csr"] as const)("%s", (format) => {
  test("T x is the convolution, T^T dy its gradient by the input", () => {
    fc.assert(
      fc.property(convolutions, ({ shape, weight, options }) => {
        const w = drawn(weight, "w");
        const t =
          format === "dense"
            ? toeplitz({ weight: w, ...options }, shape, { format })
            : toeplitz({ weight: w, ...options }, shape, { format });
        const [x, filter] = [input("x", [1, ...shape]), input("w", weight)];
        const y = conv(x, filter, undefined, options);
        const dy = input("dy", y.shape);
        const given = [drawn(x.shape, "x"), w, drawn(y.shape, "dy")].map(f64);
        const [out, dx] = evaluator([x, filter, dy], [y, pullback(y, dy, [x])[0]!])(given);
        expect([t.rows, t.columns]).toEqual([sizeOf(y.shape), sizeOf(shape)]);
        expect(t.outputShape).toEqual(y.shape.slice(1));
        expectClose(times(t, given[0]!), out!);
        expectClose(times(t, given[2]!, true), dx!);
      }),
      { numRuns: 100, seed: SEED },
    );
  });
});

test("one axis, one channel: equal along every diagonal", () => {
  const { matrix, ...t } = toeplitz({ weight: f32([1, 1, 3], [1, 2, 3]) }, [1, 5], { format: "dense" });
  // biome-ignore format: a matrix
  expect([...matrix.data]).toEqual([
    1, 2, 3, 0, 0,
    0, 1, 2, 3, 0,
    0, 0, 1, 2, 3,
  ]);
  expect(t).toMatchObject({ rows: 3, columns: 5, entries: 9, sparsity: 1 - 9 / 15, weights: 3 });
});

test("rows of the compressed form are sorted, and both forms are the same matrix", () => {
  const filter = { weight: drawn([4, 2, 3, 3], "w"), padding: 1, stride: 2, groups: 2 };
  const csr = toeplitz(filter, [4, 7, 6], { format: "csr" });
  const dense = toeplitz(filter, [4, 7, 6], { format: "dense" });
  expect(csr.values.length).toBe(csr.entries);
  const found = new Float32Array(csr.rows * csr.columns);
  for (let r = 0; r < csr.rows; r++) {
    const own = csr.columnIndices.subarray(csr.rowStarts[r]!, csr.rowStarts[r + 1]!);
    expect([...own]).toEqual([...new Set(own)].sort((a, b) => a - b));
    own.forEach((column, i) => {
      found[r * csr.columns + column] = csr.values[csr.rowStarts[r]! + i]!;
    });
  }
  expect(found).toEqual(dense.matrix.data);
});

test("a layer's matrix is its output without the bias", () => {
  for (const [layer, shape] of [
    [new Conv2d(2, 3, 3, { padding: "same", bias: true }), [2, 4, 5]],
    [new Conv1d(2, 4, 3, { padding: "causal", dilation: 2, groups: 2, bias: false }), [2, 9]],
  ] as const) {
    const t = toeplitz(layer as unknown as Conv2d<number, number, number>, shape, { format: "csr" });
    const x = drawn([1, ...shape], "x");
    const w = layer.weight.read();
    const own = toeplitz({ weight: w, ...layer.window, padding: layer.window.padding.map((p) => p!), groups: layer.groups }, shape, {
      format: "csr",
    });
    expect(times(t, f64(x))).toEqual(times(own, f64(x)));
    expect(t.outputShape).toEqual(layer.outputShape([1, ...shape])?.slice(1));
  }
});

test("what has no such matrix is refused", () => {
  const reflected = new Conv2d(1, 1, 3, { padding: 1, paddingMode: "reflect" });
  expect(() => toeplitz(reflected as unknown as Conv2d<number, number, number>, [1, 5, 5], { format: "csr" })).toThrow(/padded with zeros/);
  expect(() => toeplitz({ weight: f32([1, 2, 3], new Float32Array(6)) }, [3, 5], { format: "csr" })).toThrow(OpError);
  const large = { weight: f32([64, 64, 3, 3], new Float32Array(64 * 64 * 9)) };
  expect(() => toeplitz(large, [64, 56, 56], { format: "dense" })).toThrow(/too large\. Use format csr/);
});
