/** Pools against PyTorch's own loops, transcribed from its C++ for one plane of two axes, on every backend. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { compile, constant, f32, i32, type NdArray, pullback, type Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { BACKENDS } from "../../tools/backends.ts";
import { logSumExpPool, softmaxPool, stochasticPool } from "../cases/poolComposites.ts";

const backends = Object.values(BACKENDS).flatMap((make) => (make ? [make] : []));
const N = 2;
const C = 5;

/** Small whole numbers, so that ties are common and sums exact; `seed` draws others. */
const numbers = (shape: Shape, seed: number): NdArray<"f32"> => {
  const stream = new RandomStream(seed, "pool");
  return f32(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.floor(9 * stream.uniform(i)) - 4),
  );
};

interface Found {
  readonly shape: Shape;
  readonly values: number[];
}
const found = (a: NdArray): Found => ({ shape: a.shape, values: Array.from(a.data) });

/** What `fn` makes of x on each backend: results by name, and the gradient of sum(y * dy), dy counting up from 1. */
async function onAll(x: NdArray, fn: (x: Tensor) => Readonly<Record<string, Tensor>>): Promise<Record<string, Found>[]> {
  const results: Record<string, Found>[] = [];
  for (const make of backends) {
    const program = await compile(make(1), { x: x.shape }, ({ x }) => {
      const all = fn(x);
      const y = all.y!;
      const dy = constant(
        f32(
          y.shape,
          Array.from({ length: sizeOf(y.shape) }, (_, i) => (i % 7) + 1),
        ),
      );
      return { ...all, dx: pullback(y, dy, [x])[0]! } as Record<string, Tensor>;
    });
    results.push(Object.fromEntries(Object.entries(await program.run({ x: x as never })).map(([k, v]) => [k, found(v as NdArray)])));
    await program.close();
  }
  return results;
}

// ---- PyTorch's loops -----------------------------------------------------------------------------------------------

interface Axis {
  readonly n: number;
  readonly k: number;
  readonly s: number;
  readonly p: number;
  readonly d: number;
}

/** pooling_output_shape. */
function outputSize({ n, k, s, p, d }: Axis, ceil: boolean): number {
  const size = Math.floor((n + 2 * p - d * (k - 1) - 1 + (ceil ? s - 1 : 0)) / s) + 1;
  return ceil && (size - 1) * s >= n + p ? size - 1 : size;
}

/** cpu_max_pool of one plane. */
function maxPool2d(x: ArrayLike<number>, h: Axis, w: Axis, ceil: boolean): { y: number[]; indices: number[] } {
  const [y, indices]: [number[], number[]] = [[], []];
  for (let oh = 0; oh < outputSize(h, ceil); oh++) {
    for (let ow = 0; ow < outputSize(w, ceil); ow++) {
      let [ih0, iw0] = [oh * h.s - h.p, ow * w.s - w.p];
      const [ih1, iw1] = [Math.min(ih0 + (h.k - 1) * h.d + 1, h.n), Math.min(iw0 + (w.k - 1) * w.d + 1, w.n)];
      while (ih0 < 0) ih0 += h.d;
      while (iw0 < 0) iw0 += w.d;
      let [index, best] = [ih0 * w.n + iw0, Number.NEGATIVE_INFINITY];
      for (let ih = ih0; ih < ih1; ih += h.d) {
        for (let iw = iw0; iw < iw1; iw += w.d) {
          const v = x[ih * w.n + iw]!;
          if (v > best || Number.isNaN(v)) [index, best] = [ih * w.n + iw, v];
        }
      }
      y.push(best);
      indices.push(index);
    }
  }
  return { y, indices };
}

/** cpu_avg_pool of one plane: the mean of each window, and what each input is multiplied by in it. */
function avgPool2d(x: ArrayLike<number>, h: Axis, w: Axis, o: { ceil: boolean; include: boolean; divisor?: number | undefined }) {
  const y: number[] = [];
  const windows: { at: number[]; factor: number }[] = [];
  for (let oh = 0; oh < outputSize(h, o.ceil); oh++) {
    for (let ow = 0; ow < outputSize(w, o.ceil); ow++) {
      const [ih, iw] = [oh * h.s - h.p, ow * w.s - w.p];
      const [eh, ew] = [Math.min(ih + h.k, h.n + h.p), Math.min(iw + w.k, w.n + w.p)];
      const pool = (eh - ih) * (ew - iw);
      const [h0, h1, w0, w1] = [Math.max(ih, 0), Math.min(eh, h.n), Math.max(iw, 0), Math.min(ew, w.n)];
      const divisor = o.divisor ?? (o.include ? pool : (h1 - h0) * (w1 - w0));
      const at: number[] = [];
      for (let i = h0; i < h1; i++) for (let j = w0; j < w1; j++) at.push(i * w.n + j);
      y.push(at.reduce((sum, i) => sum + x[i]!, 0) / divisor);
      windows.push({ at, factor: 1 / divisor });
    }
  }
  return { y, windows };
}

const startIndex = (o: number, n: number, out: number): number => Math.floor((o * n) / out);
const endIndex = (o: number, n: number, out: number): number => Math.ceil(((o + 1) * n) / out);

/** Elements of each adaptive window of a plane. */
function adaptiveWindows(h: number, w: number, oh: number, ow: number): number[][] {
  const windows: number[][] = [];
  for (let a = 0; a < oh; a++) {
    for (let b = 0; b < ow; b++) {
      const at: number[] = [];
      for (let i = startIndex(a, h, oh); i < endIndex(a, h, oh); i++) {
        for (let j = startIndex(b, w, ow); j < endIndex(b, w, ow); j++) at.push(i * w + j);
      }
      windows.push(at);
    }
  }
  return windows;
}

/** generate_intervals, in the floats of PyTorch's kernel. */
function intervals(sample: number, n: number, out: number, k: number): number[] {
  const f = Math.fround;
  const alpha = f((n - k) / (out - 1));
  const starts = Array.from({ length: out }, (_, i) => Math.trunc(f(f(i + sample) * alpha)) - Math.trunc(f(sample * alpha)));
  starts[out - 1] = n - k;
  return starts;
}

// ---- comparisons ---------------------------------------------------------------------------------------------------

/** The transcription of a plane over all planes of x, one after the other. */
function perPlane<T>(x: NdArray, plane: (x: ArrayLike<number>, at: number) => T): T[] {
  const size = sizeOf(x.shape.slice(2));
  return Array.from({ length: sizeOf(x.shape.slice(0, 2)) }, (_, nc) => plane(x.data.slice(nc * size, (nc + 1) * size), nc));
}

/** dx of windows that give their gradient times a factor to each of these elements. */
function spread(size: number, windows: readonly (readonly { at: readonly number[]; factor: number }[])[]): number[] {
  let o = 0;
  return windows.flatMap((plane) => {
    const dx = new Array<number>(size).fill(0);
    for (const { at, factor } of plane) {
      const dy = (o++ % 7) + 1;
      for (const i of at) dx[i]! += dy * factor;
    }
    return dx;
  });
}

function expectClose(what: string, actual: readonly number[], wanted: readonly number[]): void {
  expect(actual.length, what).toBe(wanted.length);
  actual.forEach((a, i) => {
    const same = Object.is(a, wanted[i]) || a === wanted[i] || Math.abs(a - wanted[i]!) < 1e-5 * Math.max(1, Math.abs(wanted[i]!));
    if (!same) expect.fail(`${what}[${i}] must be ${wanted[i]}, got ${a}`);
  });
}

const axes = (dilated: boolean): fc.Arbitrary<Axis> =>
  fc
    .record({
      k: fc.integer({ min: 1, max: 4 }),
      s: fc.integer({ min: 1, max: 4 }),
      d: fc.integer({ min: 1, max: dilated ? 3 : 1 }),
      n: fc.integer({ min: 1, max: 9 }),
      half: fc.nat(2),
    })
    .map(({ half, ...a }) => ({ ...a, p: Math.min(half, Math.floor(a.k / 2)) }))
    .filter((a) => {
      // PyTorch itself reads nothing where dilation steps over a short input.
      const out = outputSize(a, true);
      const reads = (o: number): boolean => Array.from({ length: a.k }, (_, t) => o * a.s - a.p + t * a.d).some((i) => i >= 0 && i < a.n);
      return out >= 1 && outputSize(a, false) >= 1 && Array.from({ length: out }, (_, o) => o).every(reads);
    });

const settings = { numRuns: 60, seed: 1 };

describe("as PyTorch", () => {
  test("max_pool2d with indices, ceil mode, dilation", async () => {
    const property = fc.asyncProperty(axes(true), axes(true), fc.boolean(), fc.nat(1000), async (h, w, ceilMode, seed) => {
      const x = numbers([N, C, h.n, w.n], seed);
      const planes = perPlane(x, (plane) => maxPool2d(plane, h, w, ceilMode));
      const options = { stride: [h.s, w.s], padding: [h.p, w.p], dilation: [h.d, w.d], ceilMode };
      const shape = [N, C, outputSize(h, ceilMode), outputSize(w, ceilMode)];
      const dx = spread(
        h.n * w.n,
        planes.map(({ indices }) => indices.map((i) => ({ at: [i], factor: 1 }))),
      );
      for (const got of await onAll(x, (t) => {
        const { output, indices } = ops.maxPoolWithIndices(t, [h.k, w.k], options);
        return { y: output, indices, again: ops.maxPool(t, [h.k, w.k], options) };
      })) {
        expect(got.y!.shape).toEqual(shape);
        for (const y of [got.y!, got.again!])
          expectClose(
            "y",
            y.values,
            planes.flatMap((p) => p.y),
          );
        expect(got.indices!.values).toEqual(planes.flatMap((p) => p.indices));
        expectClose("dx", got.dx!.values, dx);
      }
    });
    await fc.assert(property, settings);
  });

  test("avg_pool2d, ceil mode, count_include_pad, divisor_override", async () => {
    const options = fc.record({ ceil: fc.boolean(), include: fc.boolean(), divisor: fc.constantFrom(undefined, undefined, 3, -2) });
    const property = fc.asyncProperty(axes(false), axes(false), options, fc.nat(1000), async (h, w, o, seed) => {
      const x = numbers([N, C, h.n, w.n], seed);
      const planes = perPlane(x, (plane) => avgPool2d(plane, h, w, o));
      const pool = (t: Tensor): Tensor =>
        ops.avgPool(t, [h.k, w.k], {
          stride: [h.s, w.s],
          padding: [h.p, w.p],
          ceilMode: o.ceil,
          countIncludePad: o.include,
          ...(o.divisor === undefined ? {} : { divisorOverride: o.divisor }),
        });
      const dx = spread(
        h.n * w.n,
        planes.map((p) => p.windows),
      );
      for (const got of await onAll(x, (t) => ({ y: pool(t) }))) {
        expectClose(
          "y",
          got.y!.values,
          planes.flatMap((p) => p.y),
        );
        expectClose("dx", got.dx!.values, dx);
      }
    });
    await fc.assert(property, settings);
  });

  test("adaptive_avg_pool2d and adaptive_max_pool2d with indices", async () => {
    const extent = fc.integer({ min: 1, max: 8 });
    const property = fc.asyncProperty(extent, extent, extent, extent, fc.nat(1000), async (h, w, oh, ow, seed) => {
      const x = numbers([N, C, h, w], seed);
      const windows = adaptiveWindows(h, w, oh, ow);
      const winners = perPlane(x, (plane) => windows.map((at) => at.reduce((best, i) => (plane[i]! > plane[best]! ? i : best))));
      const means = perPlane(x, (plane) => windows.map((at) => at.reduce((sum, i) => sum + plane[i]!, 0) / at.length));
      for (const got of await onAll(x, (t) => ({ y: ops.adaptiveAvgPool(t, [oh, ow]) }))) {
        expect(got.y!.shape).toEqual([N, C, oh, ow]);
        expectClose("mean", got.y!.values, means.flat());
        const all = means.map(() => windows.map((at) => ({ at, factor: 1 / at.length })));
        expectClose("dx of the mean", got.dx!.values, spread(h * w, all));
      }
      for (const got of await onAll(x, (t) => {
        const { output, indices } = ops.adaptiveMaxPoolWithIndices(t, [oh, ow]);
        return { y: output, indices };
      })) {
        expectClose("max", got.y!.values, perPlane(x, (plane, nc) => winners[nc]!.map((i) => plane[i]!)).flat());
        expect(got.indices!.values).toEqual(winners.flat());
        const all = winners.map((plane) => plane.map((i) => ({ at: [i], factor: 1 })));
        expectClose("dx of the max", got.dx!.values, spread(h * w, all));
      }
    });
    await fc.assert(property, settings);
  });

  test("global pools are adaptive ones to 1", async () => {
    const x = numbers([N, C, 3, 4, 2], 5);
    for (const got of await onAll(x, (t) => ({ y: ops.globalAvgPool(t), z: ops.adaptiveAvgPool(t, 1) }))) expect(got.y).toEqual(got.z);
    for (const got of await onAll(x, (t) => ({ y: ops.globalMaxPool(t), z: ops.adaptiveMaxPool(t, 1) }))) expect(got.y).toEqual(got.z);
  });

  test("lp_pool2d: a window that ceil mode cuts short counts as a whole one; no gradient where all is zero", async () => {
    const x = f32([1, 1, 3], [3, 4, 6]);
    for (const got of await onAll(x, (t) => ({ y: ops.lpPool(t, 2, 2, { ceilMode: true }) }))) {
      expectClose("y", got.y!.values, [5, Math.sqrt(72)]);
      expectClose("dx", got.dx!.values, [3 / 5, 4 / 5, 2 * Math.SQRT2]);
    }
    for (const p of [1, 2, 3, 2.5]) {
      for (const got of await onAll(f32([1, 1, 2], [0, 0]), (t) => ({ y: ops.lpPool(t, p, 2) }))) {
        expect(got.y!.values).toEqual([0]);
        expect(got.dx!.values.map(Math.abs)).toEqual([0, 0]);
      }
    }
    // Powers of negative numbers keep their sign, and so have no root.
    for (const got of await onAll(f32([1, 1, 2], [-2, 1]), (t) => ({ y: ops.lpPool(t, 3, 2) })))
      expect(got.y!.values).toEqual([Number.NaN]);
    for (const got of await onAll(f32([1, 1, 2], [-3, 4]), (t) => ({ y: ops.lpPool(t, 2, 2) }))) expectClose("y", got.y!.values, [5]);
  });

  test("fractional_max_pool2d", async () => {
    const axis = fc
      .integer({ min: 1, max: 3 })
      .chain((k) => fc.record({ k: fc.constant(k), out: fc.integer({ min: 1, max: 6 }), more: fc.nat(5) }));
    // Away from where floats and doubles round to different whole numbers.
    const sample = fc.integer({ min: 0, max: 1023 }).map((n) => (2 * n + 1) / 2048);
    const property = fc.asyncProperty(
      axis,
      axis,
      fc.array(sample, { minLength: 2 * N * C, maxLength: 2 * N * C }),
      fc.nat(1000),
      async (a, b, u, seed) => {
        const [h, w] = [a.out + a.k - 1 + a.more, b.out + b.k - 1 + b.more];
        const x = numbers([N, C, h, w], seed);
        const winners = perPlane(x, (plane, nc) => {
          // The first sample is for the width.
          const [starts, columns] = [intervals(u[2 * nc + 1]!, h, a.out, a.k), intervals(u[2 * nc]!, w, b.out, b.k)];
          return starts.flatMap((i) =>
            columns.map((j) => {
              let best = i * w + j;
              for (let y = i; y < i + a.k; y++) for (let z = j; z < j + b.k; z++) if (plane[y * w + z]! > plane[best]!) best = y * w + z;
              return best;
            }),
          );
        });
        const options = { outputSize: [a.out, b.out], samples: constant(f32([N, C, 2], u)) };
        for (const got of await onAll(x, (t) => ({ y: ops.fractionalMaxPool(t, [a.k, b.k], options) }))) {
          expectClose("y", got.y!.values, perPlane(x, (plane, nc) => winners[nc]!.map((i) => plane[i]!)).flat());
          const all = winners.map((plane) => plane.map((i) => ({ at: [i], factor: 1 })));
          expectClose("dx", got.dx!.values, spread(h * w, all));
        }
      },
    );
    await fc.assert(property, settings);
    expect(ops.fractionalSize({ shape: [1, 1, 13, 10], dtype: "f32" }, { outputRatio: [0.5, 0.7] })).toEqual([6, 7]);
  });

  test("max_unpool2d: a place that several go to keeps the last; all of them get its gradient", async () => {
    const indices = constant(i32([1, 1, 2, 2], [5, 3, 5, 0]));
    for (const got of await onAll(f32([1, 1, 2, 2], [1, 2, 3, 4]), (t) => ({ y: ops.maxUnpool(t, indices, 2, { outputSize: [3, 4] }) }))) {
      expect(got.y).toEqual({ shape: [1, 1, 3, 4], values: [4, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0] });
      // dy counts 1 to 7, and again from 1.
      expect(got.dx!.values).toEqual([6, 4, 6, 1]);
    }
  });

  test("max_unpool undoes max_pool, of one, two and three axes, also where the windows overlap", async () => {
    for (const [space, kernel, options] of [
      [[7], 2, {}],
      [[7, 5], 2, {}],
      [[5, 7, 4], 2, {}],
      [[7, 9], 3, { stride: 2 }],
      [[6, 5], 2, { padding: 1 }],
      [[9, 8], [2, 3], { stride: [3, 4] }],
    ] as const) {
      const x = numbers([N, C, ...space], 3);
      for (const got of await onAll(x, (t) => {
        const { output, indices } = ops.maxPoolWithIndices(t, kernel, options);
        return { y: ops.maxUnpool(output, indices, kernel, { ...options, outputSize: space }), indices };
      })) {
        const size = sizeOf(space);
        const kept = perPlane(x, (plane, nc) => {
          const windows = got.indices!.values.length / (N * C);
          const own = new Set(got.indices!.values.slice(nc * windows, (nc + 1) * windows));
          return Array.from({ length: size }, (_, i) => (own.has(i) ? plane[i]! : 0));
        });
        expect(got.y!.values).toEqual(kept.flat());
      }
    }
  });
});

describe("a NaN", () => {
  test("wins its window and takes the gradient", async () => {
    const x = f32([1, 1, 4], [Number.NaN, Infinity, 2, 3]);
    for (const got of await onAll(x, (t) => {
      const { output, indices } = ops.maxPoolWithIndices(t, 2);
      return { y: output, indices };
    })) {
      expect(got.y!.values).toEqual([Number.NaN, 3]);
      expect(got.indices!.values).toEqual([0, 3]);
      expect(got.dx!.values).toEqual([1, 0, 0, 2]);
    }
  });

  test("does not come from padding: a window of -Infinity has its first element as winner", async () => {
    const low = Number.NEGATIVE_INFINITY;
    for (const got of await onAll(f32([1, 1, 3], [low, low, low]), (t) => {
      const { output, indices } = ops.maxPoolWithIndices(t, 3, { padding: 1, stride: 2 });
      return { y: output, indices };
    })) {
      expect(got.y!.values).toEqual([low, low]);
      expect(got.indices!.values).toEqual([0, 1]);
    }
  });
});

describe("pools of one's own", () => {
  const x = f32([1, 2, 2, 4], [1, 2, 0, 1, 3, 4, 1, 0, -1, 0, 5, 5, 0, 0, 5, 5]);

  test("log-sum-exp lies between the maximum and the maximum + log of the taps, padding left out", async () => {
    for (const got of await onAll(x, (t) => ({ y: logSumExpPool(t, 2) }))) {
      const lse = (...v: number[]): number => Math.log(v.reduce((sum, e) => sum + Math.exp(e), 0));
      expectClose("y", got.y!.values, [lse(1, 2, 3, 4), lse(0, 1, 1, 0), lse(-1, 0, 0, 0), lse(5, 5, 5, 5)]);
    }
    for (const got of await onAll(f32([1, 1, 2], [3, 4]), (t) => ({ y: logSumExpPool(t, 2, { padding: 1 }) }))) {
      expectClose("y", got.y!.values, [3, 4]);
      expectClose("dx", got.dx!.values, [1, 2]);
    }
  });

  test("maximum and minimum side by side, whose paddings differ in sign alone", async () => {
    const extremes = (t: Tensor): Record<string, Tensor> => ({
      y: ops.windowReduce(t, 3, (e) => ops.max(e, [-1]), { stride: 1, padding: 1, fill: Number.NEGATIVE_INFINITY }),
      z: ops.windowReduce(t, 3, (e) => ops.neg(ops.max(ops.neg(e), [-1])), { stride: 1, padding: 1, fill: Number.POSITIVE_INFINITY }),
    });
    for (const got of await onAll(f32([1, 1, 3], [1, 2, 3]), extremes)) {
      expect(got.y!.values).toEqual([2, 3, 3]);
      expect(got.z!.values).toEqual([1, 1, 2]);
    }
  });

  test("softmax-weighted", async () => {
    for (const got of await onAll(x, (t) => ({ y: softmaxPool(t, 2) }))) expectClose("y", got.y!.values.slice(3), [5]);
    for (const got of await onAll(f32([1, 1, 2], [3, 4]), (t) => ({ y: softmaxPool(t, 2, { padding: 1 }) }))) {
      expectClose("y", got.y!.values, [3, 4]);
    }
  });

  test("stochastic: each element as often as its share", async () => {
    const draws = 1000;
    const given = f32([1, 1, 2 * draws, 2], Array.from({ length: draws }, () => [1, 2, 3, 4]).flat());
    const u = constant(
      f32(
        [1, 1, draws, 1],
        Array.from({ length: draws }, (_, i) => i / draws),
      ),
    );
    for (const got of await onAll(given, (t) => ({ y: stochasticPool(t, u, 2) }))) {
      expect([1, 2, 3, 4].map((v) => got.y!.values.filter((y) => y === v).length / draws)).toEqual([0.1, 0.2, 0.3, 0.4]);
      // Who was drawn has the gradient.
      expect(got.dx!.values.filter((d) => d !== 0).length).toBe(draws);
    }
  });
});

test("LeCun's subsampling: sums, a coefficient, a bias", async () => {
  const x = f32([1, 2, 2, 2], [1, 2, 3, 4, 10, 20, 30, 40]);
  const pair = (a: number, b: number): Tensor => constant(f32([2], [a, b]));
  for (const got of await onAll(x, (t) => ({ y: ops.subsample(t, pair(2, 0.5), pair(100, -1), 2) }))) {
    expect(got.y).toEqual({ shape: [1, 2, 1, 1], values: [120, 49] });
    expect(got.dx!.values).toEqual([2, 2, 2, 2, 1, 1, 1, 1]);
  }
});

test("relu and max pooling commute, and so do their gradients", async () => {
  const x = numbers([N, C, 7, 8], 9);
  const options = { stride: 2, padding: 1 };
  const before = await onAll(x, (t) => ({ y: ops.maxPool(ops.relu(t), 3, options) }));
  const after = await onAll(x, (t) => ({ y: ops.relu(ops.maxPool(t, 3, options)) }));
  before.forEach((b, i) => {
    for (const what of ["y", "dx"]) expectClose(what, after[i]![what]!.values, b[what]!.values);
  });
});
