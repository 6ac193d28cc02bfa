import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lowerKernel } from "../../src/backend/wasm/lower.ts";
import { planNest } from "../../src/backend/wasm/nest.ts";
import { RandomStream } from "../../src/base/random.ts";
import { stridesOf } from "../../src/base/shape.ts";
import { addressKernel, flatTwin } from "../../src/kernel/address.ts";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import { add, type Buffer, buffer, constant, load, mul } from "../../src/kernel/expr.ts";
import { Int } from "../../src/kernel/int.ts";
import { compute, type Kernel } from "../../src/kernel/kernel.ts";
import { Draw, inRandomLayout, randomData, randomKernel } from "./randomKernel.ts";
import type { Numbers } from "./runLowered.ts";
import { Loaded, piecesOf } from "./runLowered.ts";

/** What the kernel language says the output is. */
function expected(k: Kernel, data: ReadonlyMap<Buffer, Numbers>): Float64Array {
  const memory = new Map([...data].map(([b, values]) => [b, Float64Array.from(values)]));
  evaluateKernel(k, (b) => memory.get(b)!);
  return memory.get(k.out)!;
}

const plain = (values: ArrayLike<number>): number[] => Array.from(values, (v) => (v === 0 ? 0 : v));

/** The kernel's output for data drawn from `seed`. */
function dataOf(k: Kernel, seed: number, special = false): { data: Map<Buffer, Numbers>; random: () => number } {
  const stream = new RandomStream(seed, "data");
  let drawn = 0;
  const random = (): number => stream.uniform(drawn++);
  return { data: randomData(k, random, special), random };
}

const dense = (k: Kernel): Kernel => {
  const twins = new Map<Buffer, Buffer>();
  return addressKernel(
    k,
    (b) => stridesOf(b.shape),
    (b) => twins.get(b) ?? twins.set(b, flatTwin(b)).get(b)!,
  );
};

describe("lowering", () => {
  it.each([
    [1, 32],
    [0, 35],
  ])("walks long sums in pieces that serve all outputs: padding %i, %i channels", (pad, c) => {
    const size = 24;
    const x = buffer("x", [5, size + 2 - 2 * pad, size + 2 - 2 * pad, c]);
    const dy = buffer("dy", [5, size, size, c]);
    const k = dense(
      compute("dw", buffer("dw", [3, 3, c]), { reduce: [5, size, size] }, ([kh, kw, ch], [n, h, w]) =>
        mul(load(x, [n!, Int.of(h!).add(kh!).sub(pad), Int.of(w!).add(kw!).sub(pad), ch!]), load(dy, [n!, h!, w!, ch!])),
      ),
    );
    expect(planNest(k).visits.length).toBeGreaterThan(0);
    const { data, random } = dataOf(k, pad);
    const lowered = lowerKernel(k);
    const loaded = new Loaded(lowered);
    expect(plain(loaded.run((b) => data.get(b)!))).toEqual(plain(expected(k, data)));
    expect(plain(loaded.run((b) => data.get(b)!, piecesOf(lowered.items, random)))).toEqual(plain(expected(k, data)));
  });

  it("copies a large array", () => {
    const [x, y] = [buffer("x", [100_003]), buffer("y", [100_003])];
    const k = dense(compute("copy", y, {}, ([i]) => load(x, [i!])));
    const { data, random } = dataOf(k, 1);
    const lowered = lowerKernel(k);
    const got = new Loaded(lowered).run((b) => data.get(b)!, piecesOf(lowered.items, random));
    expect(plain(got)).toEqual(plain(expected(k, data)));
  });

  it.each([
    [4, 4],
    [8, 4],
    [3, 1],
  ])("pads channels, %i before: guards decide about %i at once", (before, grain) => {
    const [x, z, y] = [buffer("x", [7, 8]), buffer("z", [7, 24]), buffer("y", [7, 24])];
    const k = dense(compute("pad", y, {}, ([i, c]) => add(load(x, [i!, Int.of(c!).sub(before)], [], 5), load(z, [i!, c!]))));
    expect(planNest(k).grain).toBe(grain);
    const { data, random } = dataOf(k, before);
    const lowered = lowerKernel(k);
    const got = new Loaded(lowered).run((b) => data.get(b)!, piecesOf(lowered.items, random));
    expect(plain(got)).toEqual(plain(expected(k, data)));
  });

  it.each([5, 6, 7, 9, 22])("may write over what it reads, %i channels", (c) => {
    const [x, y, b] = [buffer("x", [7, c]), buffer("y", [7, c]), buffer("b", [c])];
    const k = dense(compute("scale", y, {}, ([i, ch]) => add(mul(load(x, [i!, ch!]), constant(3)), load(b, [ch!]))));
    const { data } = dataOf(k, c);
    const replaced = [...data.keys()].find((d) => d.name === "x")!;
    const got = new Loaded(lowerKernel(k), replaced).run((d) => data.get(d === k.out ? replaced : d)!);
    expect(plain(got)).toEqual(plain(expected(k, data)));
  });

  it("computes what the kernel language says, however the items are divided", () => {
    fc.assert(
      fc.property(fc.gen(), fc.integer({ min: 0, max: 1 << 30 }), (g, seed) => {
        const d = new Draw(g);
        const k = inRandomLayout(d, randomKernel(d));
        const { data, random } = dataOf(k, seed, d.rarely());
        const loaded = new Loaded(lowerKernel(k));
        const got = loaded.run((b) => data.get(b)!);
        expect(plain(got)).toEqual(plain(wrapped(k, expected(k, data))));
        const pieces = piecesOf(lowerKernel(k).items, random);
        const again = loaded.run((b) => data.get(b)!, pieces);
        // the sign of a NaN is the engine's choice, and changes when it optimizes
        expect(bits(again)).toEqual(bits(got));
      }),
      { numRuns: 600, seed: 7 },
    );
  });
});

/** The values as the output's type keeps them. */
function wrapped(k: Kernel, values: Float64Array): ArrayLike<number> {
  if (k.out.dtype === "f32") return values;
  return k.out.dtype === "i32" ? Int32Array.from(values) : Uint8Array.from(values);
}

const bits = (values: Numbers): Uint32Array | Numbers =>
  values instanceof Float32Array ? new Uint32Array(values.map((v) => (Number.isNaN(v) ? NaN : v)).buffer) : values;
