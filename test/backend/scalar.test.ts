import { describe, expect, it } from "vitest";
import { lowerKernel } from "../../src/backend/wasm/lower.ts";
import { buffer, type Expr, load, unary } from "../../src/kernel/expr.ts";
import { axis } from "../../src/kernel/int.ts";
import { type Kernel, kernelOf } from "../../src/kernel/kernel.ts";
import { UNARY, type UnaryFn } from "../../src/kernel/scalar.ts";
import { Loaded } from "./runLowered.ts";

const N = 1 << 16;
const x = buffer("x", [N]);
const y = buffer("y", [N]);

/** y[i] = f(x[i]); `scalar` reads the index through a division, which no vector can. */
function map(f: (x: Expr) => Expr): Kernel {
  const i = axis("i", N);
  return kernelOf("map", y, [i], [i], [], {}, f(load(x, [i])));
}

/** Every `stride`-th f32 bit pattern from `first` on, a buffer at a time. */
function* floats(first: number, last: number, stride: number): Generator<Float32Array> {
  for (let at = first; at <= last; at += N * stride) {
    const bits = Uint32Array.from({ length: N }, (_, i) => Math.min(at + i * stride, last));
    yield new Float32Array(bits.buffer);
  }
}

/** Distance in units in the last place of the correctly rounded result; results below the smallest normal may be 0. */
function ulps(got: number, exact: number): number {
  const want = Math.fround(exact);
  if (Object.is(got, want) || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want)) return Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact) || 2 ** -126)));
  return Math.abs(got - exact) / 2 ** (exponent - 23);
}

function worst(fn: UnaryFn, ranges: readonly [number, number, number][]): { ulp: number; at: number } {
  const k = new Loaded(lowerKernel(map((v) => unary(fn, v))));
  let result = { ulp: 0, at: 0 };
  for (const [first, last, stride] of ranges) {
    for (const input of floats(first, last, stride)) {
      const out = k.run((b) => (b === x ? input : new Float32Array(N)));
      for (let i = 0; i < N; i++) {
        const exact = UNARY[fn](input[i]!);
        if (fn === "exp" && exact < 2 ** -126 && out[i] === 0) continue;
        const ulp = ulps(out[i]!, exact);
        if (ulp > result.ulp) result = { ulp, at: input[i]! };
      }
    }
  }
  return result;
}
const ALL: [number, number, number][] = [[0, 0x7f800000, 211], [0x80000000, 0xff800000, 211]];

describe("transcendental functions", () => {
  it.each(["exp", "log", "tanh"] as const)("%s is within 2 ulp everywhere", (fn) => {
    const { ulp, at } = worst(fn, ALL);
    console.log(fn, ulp, at);
    expect(ulp).toBeLessThan(2);
  });
});
