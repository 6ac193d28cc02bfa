/**
 * Networks of small parts run and learn: the loss falls, and every gradient is finite. Large ones are cut short, behind one of each
 * kind of their blocks.
 */
import { expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { compile, f32, i32, type Shape, wasm } from "../../src/index.ts";
import { createModel, models, squeezenet1_1, textCnn } from "../../src/models/index.ts";
import type { Module } from "../../src/nn/index.ts";
import { firstLayers } from "./firstLayers.ts";
import { trainSteps } from "./trainSteps.ts";

/** A network, the size of its images, and how fast it is to learn. */
type Case = readonly [name: string, make: (input: Shape) => Module, input: Shape, lr: number];

const CLASSES = 4;
const cut = (name: string, count: number, inside?: string) => (input: Shape) =>
  firstLayers(createModel(name, { classes: CLASSES }), count, input, CLASSES, inside);

const cases: readonly Case[] = [
  ["googlenet, up to its first auxiliary head", cut("googlenet", 10), [3, 40, 36], 0.002],
  ["mobilenet_v2, up to features.4", cut("mobilenet_v2", 5, "features"), [3, 32, 32], 0.01],
  ["mobilenet_v3_small, up to features.5", cut("mobilenet_v3_small", 6, "features"), [3, 48, 40], 0.01],
  ["squeezenet1_1", () => squeezenet1_1({ classes: CLASSES, dropout: 0 }), [3, 33, 29], 0.02],
  ["shufflenet_v2_x0_5, up to stage2", cut("shufflenet_v2_x0_5", 3), [3, 32, 32], 0.01],
  ["mnasnet0_5, up to layers.9", cut("mnasnet0_5", 10, "layers"), [3, 32, 32], 0.005],
  ["efficientnet_b0, up to features.2", cut("efficientnet_b0", 3, "features"), [3, 32, 32], 0.005],
  ["signal-net", (input) => createModel("signal-net", { input, classes: CLASSES }), [1, 50], 0.05],
];

it.each(cases)("%s learns four images", async (_, make, input, lr) => {
  expectToLearn(await trainSteps(make(input).initialize(1), input, CLASSES, { lr, batch: 4 }));
});

it("text-cnn learns four sentences", async () => {
  const model = textCnn({ vocabulary: 50, dimension: 12, filters: 8, classes: CLASSES }).initialize(1);
  expectToLearn(await trainSteps(model, [11], CLASSES, { lr: 0.5, batch: 4, vocabulary: 50 }));
});

function expectToLearn({ losses, gradients }: Awaited<ReturnType<typeof trainSteps>>): void {
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  for (const [name, size] of Object.entries(gradients)) {
    expect(Number.isFinite(size), `gradient of ${name}`).toBe(true);
    expect(size, `gradient of ${name}`).toBeGreaterThan(0);
  }
}

it.each(["squeezenet1_1", "mobilenet_v3_small", "text-cnn", "signal-net"])("%s gives scores at its published size", async (name) => {
  const { input, dtype, classes } = models[name]!;
  const model = createModel(name).initialize(1);
  const shape = [1, ...input];
  const stream = new RandomStream(1, "image");
  const uniform = Float64Array.from({ length: sizeOf(shape) }, (_, i) => stream.uniform(i));
  const x =
    dtype === "i32"
      ? i32(
          shape,
          uniform.map((u) => Math.floor(u * 1000)),
        )
      : f32(
          shape,
          uniform.map((u) => 2 * u - 1),
        );
  const program = await compile(wasm(), { x: { shape, dtype } }, (inputs) => model.forward(inputs.x as never));
  const { output } = await program.run({ x });
  await program.close();
  expect(output.shape).toEqual([1, classes]);
  expect(output.data.every(Number.isFinite)).toBe(true);
  // Scores differ: something of the image has reached them. SqueezeNet's are never below zero.
  expect(new Set(output.data).size).toBeGreaterThan(classes / 2);
});
