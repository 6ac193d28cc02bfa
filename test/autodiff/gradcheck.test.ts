import { describe, expect, test } from "vitest";
import { customGradient, f32, type Gradcheck, gradcheck, i32, input, type NdArray, Parameter, type Tensor } from "../../src/index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, Sequential, Tanh } from "../../src/nn/index.ts";
import * as ops from "../../src/ops/index.ts";
import { drawn } from "../laws/networks.ts";

const passes = (result: Gradcheck): void => expect(result).toMatchObject({ passed: true });

describe("gradcheck passes what is right", () => {
  test("a convolution, all of its inputs", () => {
    const result = gradcheck(({ x, w, b }) => ops.tanh(ops.conv(x, w, b, { padding: 1 })), {
      x: drawn("x", [2, 2, 4, 3]),
      w: drawn("w", [3, 2, 3, 3]),
      b: drawn("b", [3]),
    });
    passes(result);
    expect(Object.keys(result.perInput)).toEqual(["x", "w", "b"]);
    expect(result.perInput).toMatchObject({ x: { checked: 48 }, w: { checked: 54 }, b: { checked: 3 } });
    expect(result.worst!.error).toBeLessThan(1e-6);
    expect(result.message).toMatch(/^gradcheck: 105 elements of x, w, b agree, the largest error is /);
  });

  test("a loss with integer targets, which are not moved", () => {
    const inputs = { x: drawn("x", [4, 5]), target: i32([4], [0, 4, 2, 2]) };
    const result = gradcheck(({ x, target }) => ops.crossEntropy(x, target, { labelSmoothing: 0.1 }), inputs);
    passes(result);
    expect(Object.keys(result.perInput)).toEqual(["x"]);
  });

  test("the weights of a network, by their names", () => {
    const net = new Sequential(new Conv2d(1, 2, 3), new Tanh(), new MaxPool2d(2), new Flatten(), new Linear(8, 3)).initialize(1);
    const result = gradcheck(({ x }) => net.forward(x), { x: drawn("x", [2, 1, 6, 6]) }, { samples: 20 });
    passes(result);
    expect(Object.keys(result.perInput)).toEqual(["x", "0.weight", "0.bias", "4.weight", "4.bias"]);
    expect(result.perInput).toMatchObject({ x: { checked: 20 }, "4.bias": { checked: 3 } });
  });

  test("several results at once, large values, values that do not matter, gradients that cancel", () => {
    passes(gradcheck(({ x }) => ({ square: ops.mul(x, x), sine: ops.sigmoid(x) }), { x: drawn("x", [7]) }));
    passes(gradcheck(({ x }) => ops.sum(ops.mul(x, x)), { x: f32([3], [1e6, -3e5, 2]) }));
    passes(gradcheck(({ x, unused }) => ops.mul(ops.sum(x), ops.sum(ops.mul(unused, 0))), { x: f32([2], [1, 2]), unused: f32([1], [5]) }));
    passes(gradcheck(({ x }) => ops.sum(ops.softmax(x, 1)), { x: drawn("x", [3, 5]) }));
  });
});

/** x² with a gradient that is twice as long as it should be in one element. */
const wrongSquare = (at: NdArray): ((x: Tensor) => Tensor) =>
  customGradient({
    forward: (x: Tensor) => ops.mul(x, x),
    backward: (dy, { inputs: [x] }) => [ops.mul(ops.mul(dy, x), ops.add(ops.mul(ops.select("eq", x, at.item(), 1, 0), 2), 2))],
  });

describe("gradcheck finds what is wrong", () => {
  test("one element of a custom gradient, and says where", () => {
    const x = f32([2, 3], [1, 2, 3, 4, 5, 6]);
    const square = wrongSquare(f32([1], [5]));
    const result = gradcheck(({ x, y }) => ops.mul(ops.sum(square(x)), y), { x, y: f32([1], [0.5]) });
    expect(result.passed).toBe(false);
    expect(result.worst).toMatchObject({ input: "x", index: [1, 1], analytic: 10, kink: false });
    expect(result.worst!.numeric).toBeCloseTo(5, 6);
    expect(result.worst!.error).toBeCloseTo(0.5, 6);
    expect(result.perInput).toMatchObject({ x: { passed: false }, y: { passed: true } });
    expect(result.message).toMatch(
      /^gradcheck: the gradient of x is wrong: by x\[1, 1\] it is 10, but differences give 5, an error of 0.50/,
    );
  });

  test("a gradient that was forgotten, and one of a state", () => {
    expect(gradcheck(({ x }) => ops.mul(x, ops.detach(x)), { x: f32([2], [1, 2]) }).passed).toBe(false);
    const scale = new Parameter([], (array) => void array.data.fill(3), "scale");
    const scaled = customGradient({
      forward: (x: Tensor, s: Tensor) => ops.mul(x, s),
      backward: (dy, { inputs: [, s] }) => [ops.mul(dy, s), undefined],
    });
    const result = gradcheck(({ x }) => scaled(x, scale.tensor), { x: f32([2], [1, 2]) });
    expect(result.perInput).toMatchObject({ x: { passed: true }, scale: { passed: false } });
    expect(result.message).toContain("by scale it is 0");
  });

  test("a rule that reads what the function does not", () => {
    const hidden = new Parameter([], (array) => void array.data.fill(3), "hidden");
    const odd = customGradient({ forward: (x: Tensor) => ops.mul(x, 2), backward: (dy) => [ops.mul(dy, hidden.tensor)] });
    const result = gradcheck(({ x }) => odd(x), { x: f32([], [1]) });
    expect(Object.keys(result.perInput)).toEqual(["x"]);
    expect(result.message).toContain("by x it is 3, but differences give 2,");
  });

  test("gradients that are no numbers", () => {
    const result = gradcheck(({ x }) => ops.sqrt(x), { x: f32([2], [4, 0]) });
    expect(result.passed).toBe(false);
    expect(result.worst).toMatchObject({ index: [1], error: Infinity });
    expect(gradcheck(({ x }) => ops.div(x, 0), { x: f32([3], [1, 0, 2]) }).passed).toBe(false);
  });

  test("a kink, which it names", () => {
    const result = gradcheck(({ x }) => ops.relu(x), { x: f32([3], [-1, 0, 1]) });
    expect(result.passed).toBe(false);
    expect(result.worst).toMatchObject({ index: [1], kink: true });
    expect(result.message).toContain("move it away from the kink");
    passes(gradcheck(({ x }) => ops.relu(x), { x: f32([3], [-1, 0.001, 1]) }));
  });
});

describe("gradcheck has settings and throws nothing", () => {
  const x = drawn("x", [100]);

  test("samples, the same for the same seed", () => {
    const square = wrongSquare(f32([1], [x.data[50]!]));
    const check = (samples: number, seed: number): boolean => gradcheck(({ x }) => square(x), { x }, { samples, seed }).passed;
    expect(check(100, 0)).toBe(false);
    const few = Array.from({ length: 8 }, (_, seed) => check(40, seed));
    expect(few).toContain(true);
    expect(few).toContain(false);
    expect(Array.from({ length: 8 }, (_, seed) => check(40, seed))).toEqual(few);
  });

  test("tolerance and eps", () => {
    const almost = customGradient({ forward: (x: Tensor) => ops.mul(x, 2), backward: (dy) => [ops.mul(dy, 2.001)] });
    expect(gradcheck(({ x }) => almost(x), { x }).passed).toBe(false);
    expect(gradcheck(({ x }) => almost(x), { x }, { tolerance: 1e-2 }).passed).toBe(true);
    expect(gradcheck(({ x }) => ops.exp(ops.mul(x, 9)), { x }, { eps: 0.1 }).passed).toBe(false);
  });

  test.each([
    ["eps must be above 0, got 0", () => gradcheck(({ x }) => ops.tanh(x), { x }, { eps: 0 })],
    ["there is no f32 input and no state", () => gradcheck(({ n }) => ops.toFloat(n), { n: i32([1], [1]) })],
    ["the function gives no f32 tensor", () => gradcheck(({ x }) => ops.argmax(ops.reshape(x, [10, 10])), { x })],
    ['an input "other" that is not its own', () => gradcheck(({ x }) => ops.add(x, input("other", [])), { x })],
    ["matmul", () => gradcheck(({ x }) => ops.matmul(x, x), { x })],
  ])("%s", (message, check) => {
    const result = check();
    expect(result).toMatchObject({ passed: false, worst: undefined, perInput: {} });
    expect(result.message).toContain("gradcheck: ");
    expect(result.message).toContain(message);
  });
});
