/** Random bits: Philox itself against the known answers of its authors, and compiled against Philox. */
import { describe, expect, test } from "vitest";
import { lowerKernel } from "../../src/backend/wasm/lower.ts";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import { binary, buffer, index, load } from "../../src/kernel/expr.ts";
import { axis, Int } from "../../src/kernel/int.ts";
import { kernelOf } from "../../src/kernel/kernel.ts";
import { philox2x32, randomBits } from "../../src/kernel/philox.ts";
import { Loaded } from "./runLowered.ts";

describe("Philox2x32-10", () => {
  // kat_vectors of Random123.
  test.each([
    [
      [0, 0, 0],
      [0xff1dae59, 0x6cd10df2],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff],
      [0x2c3f628b, 0xab4fd7ad],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e],
      [0xdd7ce038, 0xf62a4c12],
    ],
  ] as const)("%j gives %j", ([low, high, key], expected) => {
    expect(philox2x32(low, high, key)).toEqual(expected);
  });

  // Odd, so that vectors and their scalar rest both run.
  const N = 1021;
  test.each([0, 1, -1, 123456789])("is the same bits compiled, evaluated and drawn, under key %i", (value) => {
    const key = buffer("key", [1], "i32");
    const out = buffer("out", [N], "i32");
    const i = axis("i", N);
    const k = kernelOf("random", out, [i], [i], [], {}, binary("random", index(Int.of(i).mul(3)), load(key, [0])));
    const expected = Int32Array.from({ length: N }, (_, n) => randomBits(3 * n, value));
    const compiled = new Loaded(lowerKernel(k)).run((b) => (b === key ? Int32Array.of(value) : new Int32Array(N)));
    expect(compiled).toEqual(expected);
    const memory = new Map([
      [key, Float64Array.of(value)],
      [out, new Float64Array(N)],
    ]);
    evaluateKernel(k, (b) => memory.get(b)!);
    expect(Int32Array.from(memory.get(out)!)).toEqual(expected);
  });
});
