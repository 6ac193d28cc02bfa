import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { lowerKernel } from "../../src/backend/wasm/lower.ts";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import { Draw, inRandomLayout, randomData, randomKernel } from "./randomKernel.ts";
import { Loaded, piecesOf } from "./runLowered.ts";
import type { Buffer } from "../../src/kernel/expr.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import type { Numbers } from "./runLowered.ts";

/** What the kernel language says the output is. */
function expected(k: Kernel, data: ReadonlyMap<Buffer, Numbers>): Float64Array {
  const memory = new Map([...data].map(([b, values]) => [b, Float64Array.from(values)]));
  evaluateKernel(k, (b) => memory.get(b)!);
  return memory.get(k.out)!;
}

const plain = (values: ArrayLike<number>): number[] => Array.from(values, (v) => (v === 0 ? 0 : v));

describe("lowering", () => {
  it("computes what the kernel language says, however the items are divided", () => {
    fc.assert(
      fc.property(fc.gen(), fc.integer({ min: 0, max: 1 << 30 }), (g, seed) => {
        const d = new Draw(g);
        const k = inRandomLayout(d, randomKernel(d));
        const stream = new RandomStream(seed, "data");
        let drawn = 0;
        const random = (): number => stream.uniform(drawn++);
        const data = randomData(k, random, d.rarely());
        const loaded = new Loaded(lowerKernel(k));
        const got = loaded.run((b) => data.get(b)!);
        expect(plain(got)).toEqual(plain(wrapped(k, expected(k, data))));
        const pieces = piecesOf(lowerKernel(k).items, random);
        const again = loaded.run((b) => data.get(b)!, pieces);
        // the sign of a NaN is the engine's choice, and changes when it optimizes
        expect(bits(again)).toEqual(bits(got));
      }),
      { numRuns: 1500, seed: 7 },
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
