/** Gradients: exact adjoints of linear ops, f64 finite differences of the rest, to second order. */
import { expect } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { grad, input, pullback, type Tensor } from "../../src/index.ts";
import type { Op } from "../../src/ir/op.ts";
import { apply } from "../../src/ir/tensor.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/sum.ts";
import { drawInputs, type OpCase } from "../cases/opCase.ts";
import { evaluator, innerMagnitude, innerProduct, tensorsOf } from "./evaluate.ts";
import { forEveryCase, RUNS } from "./forEveryCase.ts";

/** Values in [-1, 1), not those of the inputs. */
function direction(shape: Shape, seed: number, name: string): Float64Array {
  const stream = new RandomStream(seed, name);
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1);
}

const floats = (c: OpCase): number[] => c.inputs.flatMap((i, k) => (i.dtype === "f32" ? [k] : []));

/** y = op(x), a dy of its shape, and the gradients by every f32 input. */
function differentiated(op: Op, c: OpCase): { xs: Tensor[]; y: Tensor; dy: Tensor; gradients: Tensor[] } {
  const xs = tensorsOf(c);
  const y = apply(op, xs, c.attrs);
  const dy = input("dy", y.shape);
  return {
    xs,
    y,
    dy,
    gradients: pullback(
      y,
      dy,
      floats(c).map((k) => xs[k]!),
    ),
  };
}

forEveryCase(
  "the gradient of a linear op is its adjoint: <dy, f(x)> = <f'(dy), x> in each input alone",
  (op, c, seed) => {
    const { xs, y, dy, gradients } = differentiated(op, c);
    const values = drawInputs(c, seed);
    const cotangent = direction(y.shape, seed, "dy");
    const run = evaluator([...xs, dy], [y, ...gradients]);
    const [out, ...adjoints] = run([...values, cotangent]);
    floats(c).forEach((k, i) => {
      // Linear in this input alone: what the others add (b in a + b) is what is left when this one is zero.
      const [rest] = run([...values.with(k, new Float64Array(values[k]!.length)), cotangent]);
      const part = out!.map((v, j) => v - rest![j]!);
      const [a, b] = [innerProduct(cotangent, part), innerProduct(adjoints[i]!, values[k]!)];
      const scale = 1 + innerMagnitude(cotangent, out!) + innerMagnitude(cotangent, rest!);
      expect(Math.abs(a - b) / scale, `input ${k}: ${a} and ${b}`).toBeLessThan(1e-12);
    });
  },
  (op) => op.facts.linear === true,
);

const STEP = 1e-4;

/** Derivative of the scalar `loss` along `by` in leaf k, by central differences. */
function numerical(
  loss: (values: readonly Float64Array[]) => number,
  values: readonly Float64Array[],
  k: number,
  by: Float64Array,
): number {
  const moved = (h: number): number =>
    loss(
      values.with(
        k,
        values[k]!.map((x, j) => x + h * by[j]!),
      ),
    );
  return (moved(STEP) - moved(-STEP)) / (2 * STEP);
}

/** Compares <gradient, v> with the change of the loss along v. */
function expectDerivative(what: string, exact: number, measured: number, scale: number): void {
  expect(Math.abs(exact - measured) / (1 + scale), `${what}: the rule gives ${exact}, differences give ${measured}`).toBeLessThan(1e-5);
}

forEveryCase(
  "the gradient is the derivative",
  (op, c, seed) => {
    const { xs, y, dy, gradients } = differentiated(op, c);
    const values = drawInputs(c, seed);
    const cotangent = direction(y.shape, seed, "dy");
    const forward = evaluator(xs, [y]);
    const loss = (v: readonly Float64Array[]): number => innerProduct(forward(v)[0]!, cotangent);
    const exact = evaluator([...xs, dy], gradients)([...values, cotangent]);
    floats(c).forEach((k, i) => {
      const by = direction(c.inputs[k]!.shape, seed, `v${k}`);
      const measured = numerical(loss, values, k, by);
      expectDerivative(`input ${k}`, innerProduct(exact[i]!, by), measured, innerMagnitude(exact[i]!, by));
    });
  },
  (op, { stopsGradient }) => op.grad !== undefined && stopsGradient === undefined,
);

forEveryCase(
  "the gradient of the gradient is its derivative",
  (op, c, seed) => {
    const { xs, dy, gradients } = differentiated(op, c);
    if (gradients.length === 0) return;
    const values = drawInputs(c, seed);
    const weights = gradients.map((g, i) => input(`u${i}`, g.shape));
    const scalar = gradients.map((g, i) => sum(mul(g, weights[i]!))).reduce((a, b) => add(a, b));
    const wrt = [...floats(c).map((k) => xs[k]!), dy];
    const second = grad(scalar, wrt);
    const leaves = [...xs, dy, ...weights];
    const given = [...values, direction(dy.shape, seed, "dy"), ...weights.map((u, i) => direction(u.shape, seed, `u${i}`))];
    const first = evaluator(leaves, [scalar]);
    const exact = evaluator(leaves, second)(given);
    wrt.forEach((x, i) => {
      const by = direction(x.shape, seed, `v${i}`);
      const measured = numerical((v) => first(v)[0]![0]!, given, leaves.indexOf(x), by);
      expectDerivative(x === dy ? "dy" : `input ${i}`, innerProduct(exact[i]!, by), measured, innerMagnitude(exact[i]!, by));
    });
  },
  (op, { stopsGradient }) => op.grad !== undefined && stopsGradient === undefined,
  Math.ceil(RUNS / 2),
);

forEveryCase(
  "an op that stops gradients gives none",
  (op, c, seed) => {
    const { xs, dy, gradients } = differentiated(op, c);
    const found = evaluator([...xs, dy], gradients)([...drawInputs(c, seed), direction(dy.shape, seed, "dy")]);
    for (const g of found) expect(g.every((x) => x === 0)).toBe(true);
  },
  (op, { stopsGradient }) => op.grad !== undefined && stopsGradient !== undefined,
  20,
);
