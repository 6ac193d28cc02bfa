/** How small images may be; networks that end in a global pool say nothing, and take them of any shape above that. */
import { expect, it } from "vitest";
import { input, OpError, type Tensor } from "../../src/index.ts";
import { createModel } from "../../src/models/index.ts";

const scores = (name: string, shape: readonly number[]): readonly number[] =>
  (createModel(name, { input: shape, classes: 3 }).forward(input("x", [1, ...shape])) as Tensor).shape;

it.each([
  ["tinyvgg", 16],
  ["alexnet", 63],
  ["vgg16", 32],
  ["vgg11_bn", 32],
  ["densenet121", 29],
  ["resnet18", 1],
  ["resnet20", 1],
  ["resnext50_32x4d", 1],
] as const)("%s takes images of at least %i pixels", (name, smallest) => {
  expect(scores(name, [3, smallest, smallest])).toEqual([1, 3]);
  expect(scores(name, [1, smallest + 10, smallest + 3])).toEqual([1, 3]);
  if (smallest > 1) expect(() => scores(name, [3, smallest - 1, smallest + 10])).toThrow(OpError);
});

it("r3d_18 takes one small frame", () => {
  expect(scores("r3d_18", [3, 1, 1, 1])).toEqual([1, 3]);
  expect(scores("r3d_18", [2, 5, 40, 30])).toEqual([1, 3]);
});

it("the layer is named that an image is too small for", () => {
  expect(() => scores("alexnet", [3, 62, 80])).toThrow("features.12: MaxPool2d: kernel 3 is larger than the input (256 x 2 x 4)");
  expect(() => scores("tinyvgg", [3, 15, 64])).toThrow("tinyVgg: images must be at least 16 x 16, got 15 x 64");
});
