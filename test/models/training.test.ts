/** Networks of the zoo run and learn: the loss falls, and every gradient is finite. Large ones are cut short. */
import { expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { compile, f32, type Shape, wasm } from "../../src/index.ts";
import { createModel, resnet20 } from "../../src/models/index.ts";
import { GlobalAvgPool, Linear, type Module, Sequential } from "../../src/nn/index.ts";
import { trainSteps } from "./trainSteps.ts";

type Children = Sequential<(readonly [string, Module])[]>;

/** The network up to the module at `path`, which is a child of it or of its first child, and a small classifier behind that. */
function upTo(path: string, name: string, input: Shape, classes: number): Module {
  const names = path.split(".");
  const network = createModel(name) as unknown as Children;
  const { layers } = names.length === 1 ? network : (network.get(names[0]!) as unknown as Children);
  const kept = layers.slice(0, layers.findIndex(([own]) => own === names.at(-1)) + 1);
  const shape = new Sequential(...kept).outputShape([1, ...input])!;
  return new Sequential(...([...kept, ["pool", new GlobalAvgPool()], ["fc", new Linear(shape[1]!, classes)]] as never[]));
}

/** A network, the size of its images, and how fast it is to learn. */
type Case = readonly [name: string, make: (input: Shape) => Module, input: Shape, lr: number];

const cases: readonly Case[] = [
  ["tinyvgg", (input) => createModel("tinyvgg", { input, classes: 4 }), [3, 24, 20], 0.1],
  ["alexnet, convolutions", (input) => upTo("features", "alexnet", input, 4), [3, 67, 63], 0.2],
  ["vgg11_bn, convolutions", (input) => upTo("features", "vgg11_bn", input, 4), [3, 32, 32], 0.01],
  ["resnet20", () => resnet20({ classes: 4 }), [3, 32, 32], 0.02],
  ["resnet20 with projections", () => resnet20({ classes: 4, shortcut: "projection" }), [3, 32, 32], 0.02],
  ["resnet18", (input) => createModel("resnet18", { input, classes: 4 }), [3, 32, 32], 0.005],
  ["resnext50_32x4d, up to layer2", (input) => upTo("layer2", "resnext50_32x4d", input, 4), [3, 32, 32], 0.01],
  ["densenet121, up to transition1", (input) => upTo("features.transition1", "densenet121", input, 4), [3, 32, 32], 0.02],
  ["r3d_18, up to layer2", (input) => upTo("layer2", "r3d_18", input, 4), [3, 4, 16, 16], 0.01],
];

it.each(cases)("%s learns two images", async (_, make, input, lr) => {
  const { losses, gradients } = await trainSteps(make(input).initialize(1), input, 4, { lr });
  const [before, ...after] = losses;
  expect(after.at(-1)).toBeLessThan(before!);
  for (const [name, size] of Object.entries(gradients)) {
    expect(Number.isFinite(size), `gradient of ${name}`).toBe(true);
    expect(size, `gradient of ${name}`).toBeGreaterThan(0);
  }
});

it("resnet18 sorts one image of its published size", async () => {
  const model = createModel("resnet18").initialize(1);
  const shape = [1, 3, 224, 224];
  const stream = new RandomStream(1, "image");
  const x = f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1),
  );
  const program = await compile(wasm(), { x: shape }, (inputs) => model.forward(inputs.x as never));
  const { output } = await program.run({ x });
  await program.close();
  expect(output.shape).toEqual([1, 1000]);
  // Scores of a network with its published start values are numbers of the order of 1.
  const largest = Math.max(...output.data.map(Math.abs));
  expect(largest).toBeGreaterThan(0.01);
  expect(largest).toBeLessThan(100);
});
