/** Kernels as columns times rows. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FILTER_NAMES, filterKernel } from "../../src/analysis/filters/kernels.ts";
import { separability } from "../../src/analysis/separability/separability.ts";
import { separableSavings } from "../../src/analysis/separability/separableSavings.ts";
import { singularValues } from "../../src/analysis/separability/singularValues.ts";
import { svd } from "../../src/analysis/separability/svd.ts";
import { f32, OpError } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import { int } from "../cases/arbitraries.ts";
import { SEED } from "../laws/forEveryCase.ts";

test("svd: orthogonal vectors, falling values, and their product is the matrix", () => {
  const matrix = fc.tuple(int(1, 7), int(1, 7)).chain(([rows, columns]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      a: fc.array(fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constant(0), int(-2, 2)), {
        minLength: rows * columns,
        maxLength: rows * columns,
      }),
    }),
  );
  fc.assert(
    fc.property(matrix, ({ rows, columns, a }) => {
      const { s, u, v } = svd(a, rows, columns);
      const scale = Math.max(1, ...a.map(Math.abs));
      singularValues(a, rows, columns).forEach((value, i) => expect(Math.abs(value - s[i]!)).toBeLessThan(1e-7 * Math.max(1e-3, s[0]!)));
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          const sum = s.reduce((t, value, i) => t + value * u[i]![r]! * v[i]![c]!, 0);
          expect(Math.abs(sum - a[r * columns + c]!)).toBeLessThan(1e-12 * scale * rows * columns);
        }
      }
      s.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(s[i + 1] ?? 0);
        s.forEach((other, j) => {
          const dot = (x: readonly Float64Array[]): number => x[i]!.reduce((t, e, k) => t + e * x[j]![k]!, 0);
          const both = value > 1e-9 * scale && other > 1e-9 * scale;
          if (both) for (const x of [u, v]) expect(Math.abs(dot(x) - (i === j ? 1 : 0))).toBeLessThan(1e-6);
        });
      });
    }),
    { numRuns: 200, seed: SEED },
  );
});

test("hand-made kernels: Gaussian, box and Sobel are separable, Laplacian and sharpening are not", () => {
  const separable = FILTER_NAMES.filter((name) => {
    const kernel = filterKernel(name);
    return kernel.shape.length === 2 && separability(kernel).isSeparable;
  });
  expect(separable).toEqual(expect.arrayContaining(["gaussian", "box"]));
  for (const name of ["laplacian", "sharpen"]) expect(separable).not.toContain(name);
  const { column, row, errors, rank } = separability(f32([3, 3], [1, 0, -1, 2, 0, -2, 1, 0, -1]));
  expect(rank).toBe(1);
  expect(errors[1]).toBeLessThan(1e-12);
  [1, 0, -1, 2, 0, -2, 1, 0, -1].forEach((w, i) => expect(column.data[Math.floor(i / 3)]! * row.data[i % 3]!).toBeCloseTo(w, 6));
});

test("errors are those of the best approximation of each rank", () => {
  const { errors, singularValues, rank } = separability(f32([2, 3], [3, 0, 0, 0, 4, 0]));
  expect(singularValues).toEqual([4, 3]);
  expect(rank).toBe(2);
  expect(errors).toEqual([1, 0.6, 0]);
  expect(separability(f32([2, 2], [0, 0, 0, 0]))).toMatchObject({ rank: 0, isSeparable: true, errors: [0, 0, 0] });
  expect(() => separability(f32([2], [0, 0]))).toThrow(OpError);
});

test("a network: counts, costs and what is lost", () => {
  const first = new nn.Conv2d(1, 2, 3, { padding: 1, bias: false });
  first.weight.write(f32([2, 1, 3, 3], [1, 2, 1, 2, 4, 2, 1, 2, 1, 0, 1, 0, 1, -4, 1, 0, 1, 0]));
  const second = new nn.Conv2d(2, 3, [3, 5], { stride: 2 });
  const plane = Array.from({ length: 15 }, (_, i) => Math.sin(i));
  // Every output reads the same plane of each channel, times a number of its own: depthwise-separable.
  second.weight.write(
    f32(
      [3, 2, 3, 5],
      [1, -2, 0.5, 3, 2, 2].flatMap((factor) => plane.map((p) => factor * p)),
    ),
  );
  const net = new nn.Sequential(first, new nn.ReLU(), second, new nn.Conv2d(3, 3, 1));
  const { rows, totals } = separableSavings(net, [1, 11, 15]);
  expect(rows.map((r) => r.path)).toEqual(["0", "2"]);
  expect(rows[0]).toMatchObject({ planes: 2, separablePlanes: 1, multiplyAdds: 2 * 9 * 11 * 15, depthwise: undefined });
  expect(rows[0]!.byRank[0]!.multiplyAdds).toBe(2 * Math.min(11 * 17 * 3 + 11 * 15 * 3, 13 * 15 * 3 + 11 * 15 * 3));
  expect(rows[0]!.byRank.at(-1)!.error).toBe(0);
  // Of the Laplacian, whose singular values are sqrt(9 +- ...): the rest after one, of both planes together.
  const values = [1, 0].map((i) => svd(first.weight.read().data.slice(9 * i, 9 * i + 9), 3, 3).s);
  const energy = (s: Float64Array): number => s.reduce((t, x) => t + x * x, 0);
  expect(rows[0]!.byRank[0]!.error).toBeCloseTo(
    Math.sqrt(values.reduce((t, s) => t + energy(s.subarray(1)), 0) / values.reduce((t, s) => t + energy(s), 0)),
    7,
  );
  expect(rows[1]!.depthwise).toMatchObject({ multiplyAdds: (2 * 15 + 6) * 5 * 6, weights: 36 });
  expect(rows[1]!.depthwise!.error).toBeLessThan(1e-6);
  expect(totals).toEqual({
    multiplyAdds: rows[0]!.multiplyAdds + 6 * 15 * 30,
    separable: rows[0]!.byRank[0]!.multiplyAdds + rows[1]!.byRank[0]!.multiplyAdds,
    depthwise: rows[0]!.multiplyAdds + 36 * 30,
  });
});
