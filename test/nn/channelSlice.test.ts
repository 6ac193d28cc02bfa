/** Layers that take parts of their input, or its axes in another order. */
import { describe, expect, it } from "vitest";
import { compile, f32, input, OpError, reference, type Tensor } from "../../src/index.ts";
import { ChannelSlice, Concat, Identity, Permute, Sequential } from "../../src/nn/index.ts";

const counted = (shape: readonly number[]) =>
  f32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  );

async function outputOf(layer: { forward(x: never): unknown }, x: ReturnType<typeof counted>): Promise<number[]> {
  const program = await compile(reference(), { x: x.shape }, (t) => layer.forward(t.x as never) as Tensor);
  return [...(await program.run({ x })).output.data];
}

describe("ChannelSlice", () => {
  it("gives the channels between two places", async () => {
    const x = counted([2, 4, 3]);
    expect(await outputOf(new ChannelSlice(1, 3), x)).toEqual([3, 4, 5, 6, 7, 8, 15, 16, 17, 18, 19, 20]);
    // Cut and put together again, nothing is missing.
    expect(await outputOf(new Concat(new ChannelSlice(0, 1), new ChannelSlice(1, 4)), x)).toEqual([...x.data]);
  });

  it("says what it takes, to the compiler too", () => {
    const layer = new ChannelSlice(1, 3);
    const y: Tensor<[5, 2, 7, 7]> = layer.forward(input("x", [5, 3, 7, 7]));
    expect(y.shape).toEqual([5, 2, 7, 7]);
    // @ts-expect-error ChannelSlice takes at least 3 channels
    expect(() => layer.forward(input("x", [5, 2, 7, 7]))).toThrow(
      new OpError("", "ChannelSlice takes at least 3 channels, but its input has 2 (2 x 7 x 7)"),
    );
    // @ts-expect-error ChannelSlice takes channels
    expect(() => layer.forward(input("x", [5]))).toThrow(new OpError("", "ChannelSlice takes channels, but its input is a single number"));
    expect(() => new ChannelSlice(3, 3)).toThrow(new OpError("", "ChannelSlice: start must be below stop, got 3 and 3"));
    expect(() => new ChannelSlice(-1, 3)).toThrow(new OpError("", "ChannelSlice: start must be a whole number, got -1"));
  });
});

describe("Permute", () => {
  it("gives the axes in another order", async () => {
    expect(await outputOf(new Permute([0, 2, 1]), counted([1, 2, 3]))).toEqual([0, 3, 1, 4, 2, 5]);
    const back = new Sequential(new Permute([0, 2, 3, 1]), new Identity(), new Permute([0, 3, 1, 2]));
    const x = counted([2, 3, 4, 5]);
    expect(await outputOf(back, x)).toEqual([...x.data]);
  });

  it("says what it takes, to the compiler too", () => {
    const layer = new Permute([0, 2, 1]);
    const y: Tensor<[5, 9, 3]> = layer.forward(input("x", [5, 3, 9]));
    expect(y.shape).toEqual([5, 9, 3]);
    // @ts-expect-error Permute takes 3 axes
    expect(() => layer.forward(input("x", [5, 3, 9, 9]))).toThrow(
      new OpError("", "Permute takes 3 axes, batch included, but its input is 3 x 9 x 9"),
    );
    expect(() => new Permute([0, 2])).toThrow(new OpError("", "Permute: dims must hold each axis from 0 to 1 once, got [0, 2]"));
  });
});
