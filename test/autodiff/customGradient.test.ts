import { describe, expect, test } from "vitest";
import { compile, customGradient, f32, grad, gradcheck, OpError, pullback, type Tensor, wasm } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { BACKENDS } from "../../tools/backends.ts";

/** The sign forwards, nothing backwards: a straight-through estimator. */
const binary = customGradient({
  name: "binary",
  forward: (x: Tensor) => ops.select("ge", x, 0, 1, -1),
  backward: (dy) => [dy],
});

/** Nothing forwards, the gradient cut to [-1, 1] backwards. */
const clipped = customGradient({
  forward: (x: Tensor) => x,
  backward: (dy) => [ops.select("gt", dy, 1, 1, ops.select("lt", dy, -1, -1, dy))],
});

/** Gradient reversal of domain-adversarial networks. */
const reversed = customGradient({ forward: (x: Tensor) => x, backward: (dy) => [ops.mul(dy, -0.5)] });

/** x³, its gradient by the output: 3 y / x. */
const cube = customGradient({
  forward: (x: Tensor) => ops.mul(ops.mul(x, x), x),
  backward: (dy, { inputs: [x], output }) => [ops.mul(dy, ops.div(ops.mul(output, 3), x))],
});

const X = f32([4], [-2, -0.5, 0.5, 3]);
const DY = f32([4], [3, 0.25, -7, 1]);

for (const [name, make] of Object.entries(BACKENDS)) {
  if (!make) continue;
  /** Value and gradient of fn at X, dy = DY. */
  const run = async (fn: (x: Tensor) => Tensor): Promise<{ y: number[]; dx: number[] }> => {
    const program = await compile(make(1), { x: [4], dy: [4] }, ({ x, dy }) => {
      const y = fn(x);
      return { y, dx: pullback(y, dy, [x])[0]! };
    });
    const { y, dx } = await program.run({ x: X, dy: DY });
    await program.close();
    return { y: Array.from(y.data), dx: Array.from(dx.data) };
  };

  describe(`custom gradients on ${name}`, () => {
    test("a straight-through estimator", async () => {
      expect(await run(binary)).toEqual({ y: [-1, -1, 1, 1], dx: [3, 0.25, -7, 1] });
    });

    test("gradient clipping", async () => {
      expect(await run(clipped)).toEqual({ y: [-2, -0.5, 0.5, 3], dx: [1, 0.25, -1, 1] });
    });

    test("gradient reversal, within a longer chain", async () => {
      expect(await run((x) => ops.mul(reversed(ops.mul(x, 2)), 3))).toEqual({ y: [-12, -3, 3, 18], dx: [-9, -0.75, 21, -3] });
    });

    test("the gradient of the gradient is that of backward", async () => {
      const program = await compile(make(1), { x: [4] }, ({ x }) => {
        const [first] = grad(ops.sum(cube(x)), [x]) as [Tensor];
        const [second] = grad(ops.sum(first), [x]) as [Tensor];
        return { first, second };
      });
      const { first, second } = await program.run({ x: X });
      await program.close();
      X.data.forEach((x, i) => {
        expect(first.data[i]).toBeCloseTo(3 * x * x, 4);
        expect(second.data[i]).toBeCloseTo(6 * x, 4);
      });
    });

    test("fan-in, several inputs, inputs without a gradient", async () => {
      const weighted = customGradient({
        forward: (x: Tensor, w: Tensor) => ops.mul(x, w),
        backward: (dy, { inputs: [, w] }) => [ops.mul(dy, w), undefined],
      });
      expect(await run((x) => ops.add(weighted(x, x), weighted(x, x)))).toEqual({
        y: [8, 0.5, 0.5, 18],
        dx: [-12, -0.25, -7, 6],
      });
    });
  });
}

test("a custom gradient costs nothing at run time: it is gone before the plan", async () => {
  const plain = await compile(wasm({ threads: 1 }), { x: [4] }, ({ x }) => ops.tanh(ops.mul(x, 2)));
  const custom = await compile(wasm({ threads: 1 }), { x: [4] }, ({ x }) => ops.tanh(reversed(ops.mul(x, 2))));
  expect(custom.memory).toEqual(plain.memory);
  await plain.close();
  await custom.close();
});

test("gradcheck passes a right rule and finds a wrong one", () => {
  expect(gradcheck(({ x }) => cube(x), { x: X }).passed).toBe(true);
  expect(gradcheck(({ x }) => grad(ops.sum(cube(x)), [x])[0]!, { x: X }).passed).toBe(true);
  expect(gradcheck(({ x }) => reversed(x), { x: X }).worst).toMatchObject({ input: "x", kink: false });
  expect(gradcheck(({ x }) => binary(x), { x: X }).passed).toBe(false);
});

describe("a rule that does not fit is refused where it is used", () => {
  const x = (): Tensor => ops.operand(0.5);
  const through = (fn: (x: Tensor) => Tensor) => (): unknown => {
    const leaf = x();
    return grad(fn(leaf), [leaf]);
  };

  test("gradients of another number", () => {
    const short = customGradient({ name: "short", forward: (x: Tensor) => x, backward: () => [] as unknown as [Tensor] });
    expect(through(short)).toThrow(OpError);
    expect(through(short)).toThrow(
      "short: backward must give one gradient for each of 1 inputs, got 0. Give undefined where there is none",
    );
  });

  test("gradients of another shape", () => {
    const wide = customGradient({ forward: (x: Tensor) => x, backward: (dy) => [ops.expand(dy, [2])] });
    expect(through(wide)).toThrow("custom: the gradient of input 0 must be f32 [], got f32 [2]");
  });

  test("the compiler counts gradients", () => {
    // @ts-expect-error one input, two gradients
    customGradient({ forward: (x: Tensor) => x, backward: (dy) => [dy, dy] });
  });
});
