import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convolution, product, weightGradient } from "../../bench/kernelCases.ts";
import { lowerContraction } from "../../src/backend/wasm/contraction.ts";
import { lowerGeneric } from "../../src/backend/wasm/generic.ts";
import { tuneRoles } from "../../src/backend/wasm/roles.ts";
import { chooseBlocking } from "../../src/backend/wasm/tiling.ts";
import { RandomStream } from "../../src/base/random.ts";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import { buffersRead } from "../../src/kernel/kernel.ts";
import { randomContraction } from "./randomContraction.ts";
import { Draw, randomData } from "./randomKernel.ts";
import { Loaded, type Numbers, piecesOf } from "./runLowered.ts";

/** Too large for the interpreter of the kernel language: the generic lowering says what is right. */
const LARGE = [
  weightGradient("weight gradient", 6, 20, 24, 20, 3, 1),
  weightGradient("weight gradient, stride 2", 5, 12, 40, 14, 3, 2),
  convolution("convolution", 2, 72, 40, 14, 3, 1),
  convolution("convolution, stride 2", 3, 22, 12, 9, 5, 2),
  product("matrix product", 150, 300, 200),
  product("matrix product of four lanes", 150, 77, 13, 4),
];

describe("contraction template", () => {
  it.each(LARGE.map((c) => [c.name, c.kernel] as const))("gives the bits of the generic lowering: %s", (_, k) => {
    const stream = new RandomStream(3, "data");
    const data = new Map(
      [k.out, ...buffersRead(k)].map((b) => [b, Float32Array.from({ length: b.shape[0]! }, (_, i) => stream.uniform(i) - 0.5)]),
    );
    const lowered = lowerContraction(k)!;
    const template = new Loaded(lowered);
    const generic = new Loaded(lowerGeneric(k)).run((b) => data.get(b)!);
    const random =
      (i = 0) =>
      (): number =>
        stream.uniform(i++);
    expect(
      sameBits(
        template.run((b) => data.get(b)!),
        generic,
      ),
    ).toBe(true);
    expect(
      sameBits(
        template.run((b) => data.get(b)!, piecesOf(lowered.items, random())),
        generic,
      ),
    ).toBe(true);
  });

  it("has loops of every kind among the large ones", () => {
    const blockings = LARGE.map((c) => chooseBlocking(tuneRoles(c.kernel.contraction!)));
    for (const kind of ["panelGroups", "rowGroups", "panelGroup"] as const) expect(blockings.some((b) => b[kind] > 1)).toBe(true);
    expect(blockings.some((b) => b.within > 0)).toBe(true);
    expect(LARGE.some((c) => tuneRoles(c.kernel.contraction!).outer.length > 0)).toBe(true);
  });

  it("computes what the kernel language says, with the bits of the generic lowering, however the items are divided", () => {
    fc.assert(
      fc.property(fc.gen(), fc.integer({ min: 0, max: 1 << 30 }), (g, seed) => {
        const d = new Draw(g);
        const k = randomContraction(d);
        let drawn = 0;
        const stream = new RandomStream(seed, "data");
        const random = (): number => stream.uniform(drawn++);
        const data = randomData(k, random, false);
        const lowered = lowerContraction(k);
        expect(lowered).toBeDefined();
        const template = new Loaded(lowered!);
        const got = template.run((b) => data.get(b)!);
        const memory = new Map([...data].map(([b, values]) => [b, Float64Array.from(values)]));
        evaluateKernel(k, (b) => memory.get(b)!);
        expect(Array.from(got, (v) => v + 0)).toEqual(Array.from(memory.get(k.out)!, (v) => v + 0));

        for (const values of data.values()) for (let i = 0; i < values.length; i++) values[i] = random() - 0.5;
        const whole = template.run((b) => data.get(b)!);
        const pieces = template.run((b) => data.get(b)!, piecesOf(lowered!.items, random));
        const generic = new Loaded(lowerGeneric(k)).run((b) => data.get(b)!);
        expect(new Uint32Array(pieces.buffer)).toEqual(new Uint32Array(whole.buffer));
        expect(new Uint32Array(generic.buffer)).toEqual(new Uint32Array(whole.buffer));
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});

const sameBits = (a: Numbers, b: Numbers): boolean => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
