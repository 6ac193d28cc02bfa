/** Activations where formulas overflow, cancel or have a kink: values and gradients, on every backend. */
import { describe, expect, test } from "vitest";
import { compile, grad, type Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { BACKENDS } from "../../tools/backends.ts";

type Rows = readonly (readonly [x: number, y: number, dx: number])[];

// PyTorch's values; where a function has a kink, its choice of the gradient.
const TABLE: Readonly<Record<string, { readonly fn: (x: Tensor) => Tensor; readonly rows: Rows }>> = {
  softplus: { fn: (x) => ops.softplus(x), rows: [[1000, 1000, 1], [-1000, 0, 0], [1e30, 1e30, 1], [-1e30, 0, 0], [0, Math.LN2, 0.5], [-15, Math.log1p(Math.exp(-15)), 1 / (1 + Math.exp(15))]] }, // biome-ignore format: one line
  "softplus, beta 2": { fn: (x) => ops.softplus(x, 2, 10), rows: [[5, Math.log1p(Math.exp(10)) / 2, 1 / (1 + Math.exp(-10))], [6, 6, 1], [-500, 0, 0]] }, // biome-ignore format: one line
  mish: { fn: ops.mish, rows: [[1000, 1000, 1], [-1000, 0, 0], [1e30, 1e30, 1], [-1e30, 0, 0], [0, 0, 0.6], [21, 21, 1], [1e-6, 0.6000003e-6, 0.60000064]] }, // biome-ignore format: one line
  silu: {
    fn: ops.silu,
    rows: [
      [1000, 1000, 1],
      [-1000, 0, 0],
      [1e30, 1e30, 1],
      [-1e30, 0, 0],
      [0, 0, 0.5],
    ],
  },
  sigmoid: {
    fn: ops.sigmoid,
    rows: [
      [1000, 1, 0],
      [-1000, 0, 0],
      [1e30, 1, 0],
      [-1e30, 0, 0],
      [0, 0.5, 0.25],
    ],
  },
  logSigmoid: { fn: ops.logSigmoid, rows: [[1000, 0, 0], [-1000, -1000, 1], [-1e30, -1e30, 1], [0, -Math.LN2, 0.5], [15, -Math.log1p(Math.exp(-15)), 1 / (1 + Math.exp(15))]] }, // biome-ignore format: one line
  gelu: {
    fn: (x) => ops.gelu(x),
    rows: [
      [1000, 1000, 1],
      [-1000, 0, 0],
      [1e30, 1e30, 1],
      [-1e30, 0, 0],
      [0, 0, 0.5],
    ],
  },
  "gelu by tanh": { fn: (x) => ops.gelu(x, { approximate: "tanh" }), rows: [[1000, 1000, 1], [-1000, 0, 0], [1e30, 1e30, 1], [-1e30, 0, 0], [0, 0, 0.5]] }, // biome-ignore format: one line
  elu: { fn: (x) => ops.elu(x, 1.5), rows: [[1000, 1000, 1], [-1000, -1.5, 0], [-1e30, -1.5, 0], [0, 0, 1.5], [-1e-6, -1.49999925e-6, 1.4999985]] }, // biome-ignore format: one line
  selu: { fn: ops.selu, rows: [[1e30, 1.0507009873554804e30, 1.0507009873554805], [-1000, -1.7580993408473766, 0], [0, 0, 1.7580993408473766]] }, // biome-ignore format: one line
  celu: {
    fn: (x) => ops.celu(x, 0.5),
    rows: [
      [1000, 1000, 1],
      [-1000, -0.5, 0],
      [0, 0, 1],
      [-1e-6, -0.999999e-6, 0.999998],
    ],
  },
  leakyRelu: {
    fn: (x) => ops.leakyRelu(x, 0.25),
    rows: [
      [1e30, 1e30, 1],
      [-1e30, -0.25e30, 0.25],
      [0, 0, 0.25],
    ],
  },
  rrelu: {
    fn: (x) => ops.rrelu(x, 0.25, 0.75),
    rows: [
      [2, 2, 1],
      [-2, -1, 0.5],
      [0, 0, 0.5],
    ],
  },
  softsign: {
    fn: ops.softsign,
    rows: [
      [1e30, 1, 0],
      [-1e30, -1, 0],
      [0, 0, 1],
      [1, 0.5, 0.25],
    ],
  },
  hardtanh: {
    fn: (x) => ops.hardtanh(x),
    rows: [
      [1, 1, 0],
      [-1, -1, 0],
      [0.5, 0.5, 1],
      [1e30, 1, 0],
    ],
  },
  relu6: {
    fn: ops.relu6,
    rows: [
      [0, 0, 0],
      [6, 6, 0],
      [3, 3, 1],
      [-1e30, 0, 0],
    ],
  },
  hardsigmoid: {
    fn: ops.hardsigmoid,
    rows: [
      [-3, 0, 0],
      [3, 1, 0],
      [0, 0.5, 1 / 6],
      [1e30, 1, 0],
    ],
  },
  hardswish: {
    fn: ops.hardswish,
    rows: [
      [-3, 0, -0.5],
      [3, 3, 1],
      [0, 0, 0.5],
      [-1e30, 0, 0],
      [3e38, 3e38, 1],
    ],
  },
  hardshrink: {
    fn: (x) => ops.hardshrink(x),
    rows: [
      [0.5, 0, 0],
      [-0.5, 0, 0],
      [1, 1, 1],
      [-1e30, -1e30, 1],
    ],
  },
  softshrink: {
    fn: (x) => ops.softshrink(x),
    rows: [
      [0.5, 0, 0],
      [-0.5, 0, 0],
      [1, 0.5, 1],
      [-1.5, -1, 1],
    ],
  },
  tanhshrink: {
    fn: ops.tanhshrink,
    rows: [
      [0, 0, 0],
      [1000, 999, 1],
      [-1000, -999, 1],
    ],
  },
  threshold: {
    fn: (x) => ops.threshold(x, 1, -7),
    rows: [
      [1, -7, 0],
      [1.5, 1.5, 1],
      [-1e30, -7, 0],
    ],
  },
  expm1: {
    fn: ops.expm1,
    rows: [
      [1e-8, 1e-8, 1],
      [-1e30, -1, 0],
      [80, Math.exp(80), Math.exp(80)],
    ],
  },
  log1p: {
    fn: ops.log1p,
    rows: [
      [1e-8, 1e-8, 1],
      [1e30, Math.log(1e30), 1e-30],
    ],
  },
  erf: { fn: ops.erf, rows: [[1e-8, 1.1283791670955126e-8, 1.1283791670955126], [1e30, 1, 0], [-1e30, -1, 0], [1, 0.8427007929497149, 0.4151074974205947]] }, // biome-ignore format: one line
};

for (const [backend, make] of Object.entries(BACKENDS)) {
  if (!make) continue;
  describe(`on ${backend}`, () => {
    test.each(Object.keys(TABLE))("%s", async (name) => {
      const { fn, rows } = TABLE[name]!;
      const program = await compile(make(1), { x: [rows.length] }, ({ x }) => {
        const y = fn(x);
        return { y, dx: grad(ops.sum(y), [x])[0]! };
      });
      const { y, dx } = await program.run({ x: rows.map(([x]) => x) });
      await program.close();
      rows.forEach(([x, value, slope], i) => {
        const near = (what: string, actual: number, expected: number): void =>
          expect(Math.abs(actual - expected), `${what} at ${x}: ${actual}, not ${expected}`).toBeLessThanOrEqual(
            5e-7 * Math.abs(expected) + 1e-30,
          );
        near("value", y.data[i]!, value);
        near("gradient", dx.data[i]!, slope);
      });
    });

    test("prelu at zero: zero is on the negative side", async () => {
      const program = await compile(make(1), { x: [1, 2, 2], w: [2] }, ({ x, w }) => {
        const [dx, dw] = grad(ops.sum(ops.prelu(x, w)), [x, w]) as [Tensor, Tensor];
        return { dx, dw };
      });
      const { dx, dw } = await program.run({ x: [0, 1, -2, 0], w: [0.25, 0.5] });
      await program.close();
      expect([...dx.data]).toEqual([0.25, 1, 0.5, 0.5]);
      expect([...dw.data]).toEqual([0, -2]);
    });
  });
}
