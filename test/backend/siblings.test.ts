import fc from "fast-check";
import { expect, test } from "vitest";
import { lowerGeneric } from "../../src/backend/wasm/generic.ts";
import { RandomStream } from "../../src/base/random.ts";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import type { Buffer } from "../../src/kernel/expr.ts";
import { allInRandomLayout, Draw, randomData, randomSiblings } from "./randomKernel.ts";
import { Loaded, type Numbers, piecesOf } from "./runLowered.ts";

const plain = (values: ArrayLike<number>): number[] => Array.from(values, (v) => (v === 0 ? 0 : v));

test("siblings give what each of them does alone, however the items are divided", () => {
  fc.assert(
    fc.property(fc.gen(), fc.integer(), (g, seed) => {
      const d = new Draw(g);
      const kernels = allInRandomLayout(d, randomSiblings(d));
      const stream = new RandomStream(seed, "data");
      let drawn = 0;
      const random = (): number => stream.uniform(drawn++);
      const data = new Map<Buffer, Numbers>(kernels.flatMap((k) => [...randomData(k, random, d.rarely())]));
      const expected = kernels.map((k) => {
        const memory = new Map([...data].map(([b, values]) => [b, Float64Array.from(values)]));
        evaluateKernel(k, (b) => memory.get(b)!);
        const out = data.get(k.out)!.slice();
        out.set(memory.get(k.out)!);
        return plain(out);
      });
      const lowered = lowerGeneric(...kernels);
      const loaded = new Loaded(lowered);
      for (const pieces of [undefined, piecesOf(lowered.items, random)]) {
        expect(loaded.runAll((b) => data.get(b)!, kernels.length, pieces).map(plain)).toEqual(expected);
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});
