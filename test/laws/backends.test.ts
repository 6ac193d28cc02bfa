/** Every backend gives what the reference gives, within a few roundings; every thread count gives the same bits. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Backend, compile, f32, type InputSpec, NdArray, type Program, reference, type Tensor } from "../../src/index.ts";
import type { Op } from "../../src/ir/op.ts";
import { apply } from "../../src/ir/tensor.ts";
import { tablesOf } from "../../src/kernel/expr.ts";
import { kernelLoads } from "../../src/kernel/kernel.ts";
import { BACKENDS } from "../../tools/backends.ts";
import { type Draw, drawInputs, type OpCase } from "../cases/opCase.ts";
import { kernelsOfCase, largest, runReference } from "./evaluate.ts";
import { buildExpression, EXPRESSION_INPUTS, expressions } from "./expressions.ts";
import { forEveryCase, RUNS, SEED } from "./forEveryCase.ts";
import { drawn, NETWORKS, type SampleNetwork } from "./networks.ts";

const others = Object.entries(BACKENDS).filter(([name]) => name !== "reference");

for (const [name, make] of others) {
  if (!make) {
    console.warn(`SKIPPED: no law ran on the ${name} backend, because it does not exist yet`);
    test.skip(`${name} does not exist yet: no law runs on it`, () => {});
    continue;
  }

  forEveryCase(
    `${name} = reference`,
    async (op, c, seed, { special, roundings }) => {
      const program = await programOf(make(1), op, c);
      for (const draw of ["smooth", "ties", ...(special ? [{ special }] : [])] as const) {
        await expectReference(program, op, c, seed, draw, roundings);
      }
      await program.close();
    },
    () => true,
    Math.ceil(RUNS / 4),
  );

  describe(`${name} = reference, several steps of whole networks`, () => {
    test.each(Object.keys(NETWORKS))("%s", async (network) => {
      const sample = NETWORKS[network]!;
      const [actual, expected] = [await steps(make(1), sample), await steps(reference(), sample)];
      for (const [what, e] of expected) expectClose(what, Float64Array.from(actual.get(what)!.data), Float64Array.from(e.data));
    });
  });

  test(`${name} = reference, bit for bit, on random graphs of whole numbers`, async () => {
    const inputs = Object.fromEntries(
      Object.entries(EXPRESSION_INPUTS).map(([n, shape]) => [n, f32(shape, drawn(n, shape, 2.5).data.map(Math.round))]),
    );
    const property = fc.asyncProperty(expressions, async (drawnSteps) => {
      const run = async (backend: Backend): Promise<Readonly<Record<string, NdArray>>> => {
        const program = await compile(backend, EXPRESSION_INPUTS, (leaves) => buildExpression(drawnSteps, leaves));
        const results = await program.run(inputs);
        await program.close();
        return results;
      };
      const [actual, expected] = [await run(make(1)), await run(reference())];
      // Beyond this, sums in f32 are no longer sure to be exact.
      fc.pre(Object.values(expected).every((e) => e.data.every((v) => Math.abs(v) < 2 ** 16)));
      for (const [what, e] of Object.entries(expected)) {
        const same = e.data.every((v, i) => v === actual[what]!.data[i]);
        if (!same) expect(actual[what]!.data, what).toEqual(e.data);
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });

  describe(`${name}: every number of threads gives the same bits`, () => {
    test.each(Object.keys(NETWORKS))("%s", async (network) => {
      const one = await steps(make(1), NETWORKS[network]!);
      for (const threads of [2, 3]) expect(await steps(make(threads), NETWORKS[network]!), `${threads} threads`).toEqual(one);
    });
  });
}

type Numbered = Readonly<Record<string, InputSpec>>;

/** The op alone, compiled for inputs x0, x1, ... */
function programOf(backend: Backend, op: Op, c: OpCase): Promise<Program<Numbered, Tensor>> {
  const specs = Object.fromEntries(c.inputs.map((i, k): [string, InputSpec] => [`x${k}`, { shape: i.shape, dtype: i.dtype }]));
  return compile(backend, specs, (inputs) =>
    apply(
      op,
      c.inputs.map((_, k) => inputs[`x${k}`]!),
      c.attrs,
    ),
  );
}

async function expectReference(
  program: Program<Numbered, Tensor>,
  op: Op,
  c: OpCase,
  seed: number,
  draw: Draw,
  roundings = 8,
): Promise<void> {
  const values = drawInputs(c, seed, draw);
  const arrays = c.inputs.map((i, k): [string, NdArray] => {
    const array = new NdArray(i.dtype, i.shape);
    array.data.set(values[k]!);
    return [`x${k}`, array];
  });
  const { output } = await program.run(Object.fromEntries(arrays));
  const expected = runReference(op, c, values);
  const allowed = tolerance(op, c, values, expected, roundings);
  expected.forEach((e, i) => {
    const [a, t] = [output.data[i]!, output.dtype === "f32" ? Math.fround(e) : e];
    const same = Object.is(a, t) || a === t || Math.abs(a - t) <= allowed[i]!;
    if (!same)
      expect.fail(
        `element ${i} of ${expected.length}, ${typeof draw === "string" ? draw : "special"} values: ${a}, but the reference gives ${t}`,
      );
  });
}

/** Half a unit in the last place, relative; and what backends may flush to zero. */
const ROUNDING = 2 ** -24;
const DENORMAL = 2 ** -126;

/**
 * What rounding can do to each element: a sum of n terms may be off by n roundings of the sum of their magnitudes; a function
 * of single elements by a few units in its own last place; a chosen element or an integer not at all.
 */
function tolerance(op: Op, c: OpCase, values: readonly Float64Array[], expected: Float64Array, roundings: number): Float64Array {
  const { kernels, out } = kernelsOfCase(op, c);
  if (out.dtype !== "f32" || kernels.some((k) => k.combine !== "sum")) return new Float64Array(expected.length);
  // A weighted sum of neighbours, written out: weights may be negative, and are below 2.
  const loads = Math.max(...kernels.map((k) => kernelLoads(k).length));
  if (op.facts.linear && loads > c.inputs.length)
    return expected.map(() => loads * (loads + 4) * ROUNDING * largest(values[0]!) + DENORMAL);
  const terms = Math.max(...kernels.map((k) => k.reduce.reduce((n, a) => n * a.extent, 1)));
  const entries = kernels.flatMap((k) => tablesOf(k.body).map((t) => Math.max(...t.values.flat().map(Math.abs), 1)));
  // Constant matrices have entries of both signs, and a transform along one axis is rounded before the next.
  if (entries.length > 0) {
    const weight = entries.reduce((product, entry) => product * entry, 1);
    return expected.map(() => terms * (terms + 8) * weight * ROUNDING * largest(values[0]!) + DENORMAL);
  }
  if (terms === 1) return expected.map((e) => roundings * ROUNDING * Math.abs(e) + DENORMAL);
  const magnitudes = runReference(
    op,
    c,
    values.map((v, k) => (c.inputs[k]!.dtype === "f32" ? v.map(Math.abs) : v)),
  );
  return magnitudes.map((m) => (terms + 4) * ROUNDING * m + DENORMAL);
}

/** Every output of three runs, and the states after them. */
async function steps(backend: Backend, { specs, inputs, make }: SampleNetwork): Promise<Map<string, NdArray>> {
  const program = await compile(backend, specs, make(), { mode: "train" });
  const results = new Map<string, NdArray>();
  for (let step = 0; step < 3; step++) {
    for (const [name, value] of Object.entries(await program.run(inputs))) results.set(`${name} of step ${step}`, value);
  }
  for (const state of program.graph.updates.keys()) results.set(state.name, state.read());
  await program.close();
  return results;
}

/** Networks are a dozen roundings deep, and each layer's are of the size of its largest numbers. */
function expectClose(what: string, actual: Float64Array, expected: Float64Array): void {
  const allowed = 1e-5 * largest(expected);
  actual.forEach((a, i) => {
    if (!(Math.abs(a - expected[i]!) <= allowed)) expect.fail(`${what}[${i}] is ${a}, but the reference gives ${expected[i]}`);
  });
}
