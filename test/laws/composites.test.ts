/** Functions made of ops: their gradients are derivatives, to second order, and backends agree with the reference on both. */
import { describe, expect, test } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { compile, grad, type InputSpec, input, NdArray, pullback, reference, type Tensor } from "../../src/index.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/sum.ts";
import { BACKENDS } from "../../tools/backends.ts";
import { COMPOSITES, type Composite } from "../cases/composites.ts";
import { drawInputs, type Input } from "../cases/opCase.ts";
import { evaluator, innerMagnitude, innerProduct } from "./evaluate.ts";

const names = Object.keys(COMPOSITES);
const SEEDS = [1, 2, 3];
const STEP = 1e-4;

/** Values in [-1, 1), not those of the inputs. */
function direction(shape: Shape, seed: number, name: string): Float64Array {
  const stream = new RandomStream(seed, name);
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1);
}

const tensorsOf = (inputs: readonly Input[]): Tensor[] => inputs.map((i, k) => input(`x${k}`, i.shape, i.dtype));

/** Compares gradients of the scalar `loss` with its central differences, along one direction in each leaf. */
function expectDerivatives(
  leaves: readonly Tensor[],
  loss: Tensor,
  wrt: readonly Tensor[],
  values: readonly Float64Array[],
  seed: number,
): void {
  const run = evaluator(leaves, [loss]);
  const exact = evaluator(leaves, grad(loss, wrt))(values);
  wrt.forEach((x, i) => {
    const by = direction(x.shape, seed, `v${i}`);
    const k = leaves.indexOf(x);
    const moved = (h: number): number =>
      run(
        values.with(
          k,
          values[k]!.map((v, j) => v + h * by[j]!),
        ),
      )[0]![0]!;
    const [rule, measured] = [innerProduct(exact[i]!, by), (moved(STEP) - moved(-STEP)) / (2 * STEP)];
    const error = Math.abs(rule - measured) / (1 + innerMagnitude(exact[i]!, by));
    expect(error, `leaf ${k}: the rule gives ${rule}, differences give ${measured}`).toBeLessThan(1e-5);
  });
}

describe("the gradient is the derivative, and its gradient is", () => {
  test.each(names)("%s", (name) => {
    const { inputs, fn } = COMPOSITES[name]!;
    for (const seed of SEEDS) {
      const xs = tensorsOf(inputs);
      const y = fn(...xs);
      const dy = input("dy", y.shape);
      const floats = xs.filter((x) => x.dtype === "f32");
      const values = [...drawInputs({ inputs, attrs: {} }, seed), direction(y.shape, seed, "dy")];
      expectDerivatives([...xs, dy], sum(mul(y, dy)), floats, values, seed);

      const gradients = pullback(y, dy, floats);
      const weights = gradients.map((g, i) => input(`u${i}`, g.shape));
      const scalar = gradients.map((g, i) => sum(mul(g, weights[i]!))).reduce((a, b) => add(a, b));
      const more = weights.map((u, i) => direction(u.shape, seed, `u${i}`));
      expectDerivatives([...xs, dy, ...weights], scalar, [...floats, dy], [...values, ...more], seed);
    }
  });
});

/** The function and its gradients, on a backend. */
async function onBackend(
  backend: keyof typeof BACKENDS | undefined,
  { inputs, fn }: Composite,
  seed: number,
): Promise<Readonly<Record<string, NdArray>>> {
  const specs = Object.fromEntries(inputs.map((i, k): [string, InputSpec] => [`x${k}`, { shape: i.shape, dtype: i.dtype }]));
  const leaves = tensorsOf(inputs);
  const { shape } = fn(...leaves);
  const make = backend === undefined ? reference : BACKENDS[backend]!;
  const program = await compile(make(1), { ...specs, dy: shape }, (given: Readonly<Record<string, Tensor>>): Record<string, Tensor> => {
    const xs = inputs.map((_, k) => given[`x${k}`]!);
    const y = fn(...xs);
    const gradients = pullback(
      y,
      given.dy!,
      xs.filter((x) => x.dtype === "f32"),
    );
    return { y, ...Object.fromEntries(gradients.map((g, i) => [`gradient ${i}`, g])) };
  });
  const values = drawInputs({ inputs, attrs: {} }, seed);
  const arrays = inputs.map((i, k): [string, NdArray] => {
    const array = new NdArray(i.dtype, i.shape);
    array.data.set(values[k]!);
    return [`x${k}`, array];
  });
  const dy = new NdArray("f32", shape, Float32Array.from(direction(shape, seed, "dy")));
  const results = await program.run({ ...Object.fromEntries(arrays), dy } as never);
  await program.close();
  return results as Readonly<Record<string, NdArray>>;
}

for (const [backend, make] of Object.entries(BACKENDS) as [keyof typeof BACKENDS, unknown][]) {
  if (backend === "reference") continue;
  if (!make) {
    console.warn(`SKIPPED: no composite ran on the ${backend} backend, because it does not exist yet`);
    test.skip(`${backend} does not exist yet: no composite runs on it`, () => {});
    continue;
  }
  describe(`${backend} = reference, values and gradients`, () => {
    test.each(names)("%s", async (name) => {
      const composite = COMPOSITES[name]!;
      const [actual, expected] = [await onBackend(backend, composite, 7), await onBackend(undefined, composite, 7)];
      for (const [what, e] of Object.entries(expected)) {
        const truth = Array.from(e.data);
        const largest = truth.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
        const worst = truth.reduce((m, x, i) => {
          const error = Math.abs(actual[what]!.data[i]! - x);
          return Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(m, error);
        }, 0);
        expect(worst, what).toBeLessThanOrEqual(3e-6 * largest);
      }
    });
  });
}
