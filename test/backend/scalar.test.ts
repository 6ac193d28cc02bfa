import { describe, expect, it } from "vitest";
import { lowerKernel } from "../../src/backend/wasm/lower.ts";
import { binary, buffer, constant, type Expr, load, unary } from "../../src/kernel/expr.ts";
import { axis, Int } from "../../src/kernel/int.ts";
import { kernelOf } from "../../src/kernel/kernel.ts";
import { UNARY, type UnaryFn } from "../../src/kernel/scalar.ts";
import { Loaded } from "./runLowered.ts";

const N = 1 << 16;
const SMALLEST = 2 ** -126;
const x = buffer("x", [N]);
const y = buffer("y", [N]);

/** y[i] = f(x[i]) in vectors, or one at a time because the index takes a detour that has no constant step. */
function mapper(f: (x: Expr) => Expr, form: "vectors" | "scalars" = "vectors"): (input: Float32Array) => Float32Array {
  const i = axis("i", N);
  const at = form === "vectors" ? Int.of(i) : Int.of(i).mul(2).div(2);
  const loaded = new Loaded(lowerKernel(kernelOf("map", y, [i], [i], [], {}, f(load(x, [at])))));
  return (input) => loaded.run((b) => (b === x ? input : new Float32Array(N))) as Float32Array;
}

/** f32 numbers by bit pattern, every 1283rd of both signs, zeros and infinities among them; N at a time. */
function* floats(): Generator<Float32Array> {
  for (const [first, last] of [
    [0, 0x7f800000],
    [0x80000000, 0xff800000],
  ] as const) {
    for (let at: number = first; at <= last; at += N * 1283) {
      yield new Float32Array(Uint32Array.from({ length: N }, (_, i) => Math.min(at + i * 1283, last)).buffer);
    }
  }
}

/** Distance from the true value in units in the last place of f32; what underflows may be zero. */
function ulps(got: number, exact: number): number {
  const nearest = Math.fround(exact);
  if (got === nearest || (Number.isNaN(got) && Number.isNaN(nearest))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(nearest)) return Number.POSITIVE_INFINITY;
  if (got === 0 && Math.abs(exact) < SMALLEST) return 0;
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(exact), SMALLEST)));
  return Math.abs(got - exact) / 2 ** (exponent - 23);
}

function worstUlps(fn: UnaryFn): { ulp: number; x: number } {
  const map = mapper((v) => unary(fn, v));
  let worst = { ulp: 0, x: 0 };
  for (const input of floats()) {
    const out = map(input);
    for (let i = 0; i < N; i++) {
      const ulp = ulps(out[i]!, UNARY[fn](input[i]!));
      if (ulp > worst.ulp) worst = { ulp, x: input[i]! };
    }
  }
  return worst;
}

/** Whether two arrays are equal bit by bit; the sign of a NaN is the engine's choice. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  const [x, y] = [a, b].map((v) => Buffer.from(v.map((n) => (Number.isNaN(n) ? Number.NaN : n)).buffer));
  return x!.equals(y!);
}
const filled = (values: readonly number[]): Float32Array => Float32Array.from({ length: N }, (_, i) => values[i] ?? 0);

describe("scalar functions", () => {
  it.each(["exp", "log"] as const)("%s is within 1 ulp of the truth over all floats", (fn) => {
    expect(worstUlps(fn).ulp).toBeLessThan(1);
  });

  it.each(["tanh", "expm1", "log1p", "erf"] as const)("%s is within 1.5 ulp of the truth over all floats", (fn) => {
    expect(worstUlps(fn).ulp).toBeLessThan(1.5);
  });

  it.each(["neg", "abs", "sqrt", "floor"] as const)("%s is exact", (fn) => {
    expect(worstUlps(fn).ulp).toBeLessThanOrEqual(0.5);
  });

  it("treats the ends of the line as it should", () => {
    const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
    const cases: [UnaryFn, [number, number][]][] = [
      [
        "exp",
        [
          [-inf, 0],
          [inf, inf],
          [nan, nan],
          [0, 1],
          [-0, 1],
          [88.8, inf],
          [-87.4, 0],
          [-103, 0],
          [1e30, inf],
          [-1e30, 0],
        ],
      ],
      [
        "log",
        [
          [0, -inf],
          [-0, -inf],
          [-1, nan],
          [-inf, nan],
          [inf, inf],
          [nan, nan],
          [1, 0],
          [2 ** -149, Math.log(2 ** -149)],
        ],
      ],
      [
        "tanh",
        [
          [0, 0],
          [inf, 1],
          [-inf, -1],
          [nan, nan],
          [20, 1],
          [-20, -1],
          [1e-20, 1e-20],
          [2 ** -149, 2 ** -149],
        ],
      ],
      [
        "expm1",
        [
          [0, 0],
          [inf, inf],
          [-inf, -1],
          [nan, nan],
          [88.8, inf],
          [88.7, Math.expm1(Math.fround(88.7))],
          [-1e30, -1],
          [1e30, inf],
          [1e-20, 1e-20],
        ],
      ],
      [
        "log1p",
        [
          [0, 0],
          [inf, inf],
          [-inf, nan],
          [nan, nan],
          [-1, -inf],
          [-1.5, nan],
          [1e-20, 1e-20],
          [2 ** -149, 2 ** -149],
        ],
      ],
      [
        "erf",
        [
          [0, 0],
          [inf, 1],
          [-inf, -1],
          [nan, nan],
          [1e30, 1],
          [-1e30, -1],
        ],
      ],
    ];
    for (const [fn, table] of cases) {
      const out = mapper((v) => unary(fn, v))(filled(table.map(([v]) => v)));
      expect(Array.from(out.subarray(0, table.length))).toEqual(table.map(([, v]) => Math.fround(v)));
    }
  });

  it("exp gives no denormal numbers", () => {
    const out = mapper((v) => unary("exp", v))(Float32Array.from({ length: N }, (_, i) => -86 - i / 20000));
    expect(out.filter((v) => v !== 0 && v < SMALLEST)).toHaveLength(0);
  });

  it.each([
    ...(["exp", "log", "tanh", "expm1", "log1p", "erf", "neg", "abs", "sqrt", "floor"] as const).map(
      (fn) => [fn, (v: Expr) => unary(fn, v)] as const,
    ),
    ...(["max", "min"] as const).flatMap((fn) => [
      [`${fn} with a constant`, (v: Expr) => binary(fn, v, constant(0))] as const,
      [`${fn} of two values`, (v: Expr) => binary(fn, v, unary("neg", v))] as const,
    ]),
  ])("%s has the same bits in vectors and in scalars", (_, f) => {
    const [vectors, scalars] = [mapper(f), mapper(f, "scalars")];
    for (const input of floats()) expect(sameBits(scalars(input), vectors(input))).toBe(true);
  });

  it("keeps NaN in bounds with a constant, from either side", () => {
    for (const f of [
      (v: Expr) => binary("max", v, constant(0)),
      (v: Expr) => binary("max", constant(0), v),
      (v: Expr) => binary("min", v, constant(6)),
    ]) {
      for (const form of ["vectors", "scalars"] as const) expect(mapper(f, form)(filled([Number.NaN, 1]))[0]).toBeNaN();
    }
  });
});
