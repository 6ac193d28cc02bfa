/** What an op says of itself agrees: its shape rule, its plain loops and its kernel. */
import { describe, expect, test } from "vitest";
import { sizeOf } from "../../src/base/shape.ts";
import { OpError } from "../../src/index.ts";
import { verifyKernel } from "../../src/kernel/kernel.ts";
import { CASES } from "../cases/index.ts";
import { type Draw, drawInputs } from "../cases/opCase.ts";
import { kernelsOfCase, largest, runKernel, runReference, withShapes } from "./evaluate.ts";
import { forEveryCase } from "./forEveryCase.ts";

forEveryCase("the reference writes the shape that infer says, and nothing else", (op, c, seed) => {
  const { shape } = op.infer(c.inputs, c.attrs);
  for (const e of shape) expect(Number.isInteger(e) && e >= 1, `extent ${e}`).toBe(true);
  const data = new Float64Array(sizeOf(shape));
  const outside: string[] = [];
  // Typed arrays swallow writes beyond their ends, so the array is watched.
  const watched = new Proxy(data, {
    get: (array, key) => {
      const value: unknown = Reflect.get(array, key, array);
      return typeof value === "function" ? value.bind(array) : value;
    },
    set: (array, key, value: number) => {
      if (!(Number(key) in array)) outside.push(String(key));
      return Reflect.set(array, key, value, array);
    },
  });
  op.reference(withShapes(c, drawInputs(c, seed)), { shape, data: watched }, c.attrs);
  expect(outside, "writes outside").toEqual([]);
});

/** Values that derivatives allow, values with ties, and the op's special ones. */
const draws = (special: readonly number[] | undefined): readonly Draw[] => ["smooth", "ties", ...(special ? [{ special }] : [])];

forEveryCase("the kernel is what the reference says", (op, c, seed, { special, roundings }) => {
  const { kernels, out } = kernelsOfCase(op, c);
  for (const k of kernels) verifyKernel(k);
  const points = kernels.map((k) => k.axes.reduce((n, a) => n * a.extent, 1));
  expect(
    points.reduce((a, b) => a + b, 0),
    "elements written",
  ).toBe(sizeOf(out.shape));
  // Everything is f64 but the constants of the kernel.
  const relative = roundings === undefined ? 1e-12 : roundings * 2 ** -24;
  for (const draw of draws(special)) {
    const values = drawInputs(c, seed, draw);
    const expected = runReference(op, c, values);
    // A number that nothing gives, so that an element left out shows.
    const actual = runKernel(op, c, values, 123.456e300);
    // Terms may cancel in one order of additions and leave a rest in another.
    const rest = kernels.some((k) => k.reduce.length > 0 && k.combine === "sum") ? largest(expected) : 0;
    expected.forEach((e, i) => {
      const a = actual[i]!;
      const same = Object.is(a, e) || a === e || Math.abs(a - e) <= relative * Math.max(Math.abs(a), Math.abs(e), rest);
      if (!same) expect.fail(`element ${i} of ${expected.length}: the kernel gives ${a}, the reference ${e}`);
    });
  }
});

describe("wrong uses", () => {
  test("fail with an OpError that says what is wrong", async () => {
    const messages: string[] = [];
    for (const [name, { wrong }] of Object.entries(CASES)) {
      for (const [what, use] of Object.entries(wrong)) messages.push(`${name}, ${what}:\n  ${messageOf(use)}`);
    }
    await expect(`${messages.join("\n")}\n`).toMatchFileSnapshot("../snapshots/opErrors.txt");
  });
});

function messageOf(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    return error instanceof OpError ? error.message : `NO OpError, BUT ${String(error)}`;
  }
  return "NO ERROR";
}
