import { expect, it } from "vitest";
import { compile, f32, grad, input, type NdArray, OpError, reference } from "../../src/index.ts";
import { Hardsigmoid, SqueezeExcitation } from "../../src/nn/index.ts";
import { mul, sum } from "../../src/ops/index.ts";

/** 0.5, -0.4, 0.3, ...: of both signs, and no two alike. */
const numbers = (shape: readonly number[]): NdArray =>
  f32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i % 2 === 0 ? 1 : -1) * (0.5 - 0.037 * i)),
  );

it("weighs each channel by what a small network makes of all means", async () => {
  const layer = new SqueezeExcitation(3, 2, { scaleActivation: new Hardsigmoid() });
  const values = {
    "fc1.weight": numbers([2, 3, 1, 1]),
    "fc1.bias": numbers([2]),
    "fc2.weight": numbers([3, 2, 1, 1]),
    "fc2.bias": numbers([3]),
  };
  layer.loadStateDict(new Map(Object.entries(values)));
  const x = numbers([2, 3, 2, 2]);
  const program = await compile(reference(), { x: x.shape }, (t) => layer.forward(t.x));
  const { output } = await program.run({ x });

  const [w1, b1, w2, b2] = Object.values(values).map((v) => v.data);
  for (let n = 0; n < 2; n++) {
    const plane = (c: number) => [...x.data.slice((n * 3 + c) * 4, (n * 3 + c + 1) * 4)];
    const means = [0, 1, 2].map((c) => plane(c).reduce((a, b) => a + b, 0) / 4);
    const hidden = [0, 1].map((j) =>
      Math.max(
        0,
        means.reduce((s, m, c) => s + m * w1![j * 3 + c]!, b1![j]!),
      ),
    );
    for (let c = 0; c < 3; c++) {
      const score = hidden.reduce((s, h, j) => s + h * w2![c * 2 + j]!, b2![c]!);
      const weight = Math.min(Math.max(score + 3, 0), 6) / 6;
      plane(c).forEach((v, i) => {
        expect(output.data[(n * 3 + c) * 4 + i]).toBeCloseTo(v * weight, 6);
      });
    }
  }
});

it("has a gradient that agrees with differences", async () => {
  const layer = new SqueezeExcitation(2, 2).initialize(3);
  const x = numbers([1, 2, 2, 3]);
  const program = await compile(reference(), { x: x.shape }, (t) => {
    const y = layer.forward(t.x);
    const loss = sum(mul(y, y));
    return { loss, dx: grad(loss, [t.x])[0]! };
  });
  const { dx } = await program.run({ x });
  const loss = async (i: number, step: number): Promise<number> => {
    const moved = Float32Array.from(x.data);
    moved[i]! += step;
    return (await program.run({ x: moved })).loss.item();
  };
  for (let i = 0; i < x.data.length; i++) {
    expect(((await loss(i, 0.01)) - (await loss(i, -0.01))) / 0.02).toBeCloseTo(dx.data[i]!, 3);
  }
});

it("says what it takes", () => {
  const wrong = input("x", [1, 4, 5, 5]);
  // @ts-expect-error SqueezeExcitation takes 3 channels
  expect(() => new SqueezeExcitation(3, 1).forward(wrong)).toThrow(
    new OpError("", "SqueezeExcitation takes 3 channels, but its input has 4 (4 x 5 x 5)"),
  );
  expect(() => new SqueezeExcitation(3, 0)).toThrow(
    new OpError("", "SqueezeExcitation: squeezeChannels must be a whole number of at least 1, got 0"),
  );
});
