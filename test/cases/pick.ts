import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { pick as pickFn } from "../../src/ops/pick.ts";
import { shapeAndAxis } from "./arbitraries.ts";
import { f32Input, i32Input, type OpCase, type OpCases } from "./opCase.ts";

// Indices from -1 to the extent: both just outside.
const pickCase = (shape: Shape, axis: number): OpCase<{ readonly axis: number }> => ({
  inputs: [
    f32Input(shape),
    i32Input(
      shape.filter((_, d) => d !== axis),
      -1,
      shape[axis]! + 1,
    ),
  ],
  attrs: { axis },
});

const placeCase = (shape: Shape, axis: number): OpCase<{ readonly axis: number; readonly extent: number }> => {
  const { inputs } = pickCase(shape, axis);
  return { inputs: [f32Input(inputs[1]!.shape), inputs[1]!], attrs: { axis, extent: shape[axis]! } };
};

const CORNERS: readonly (readonly [Shape, number])[] = [
  [[5], 0],
  [[4, 10], 1],
  [[4, 10], 0],
  [[2, 3, 4, 5], 1],
];

export const pick: OpCases<{ readonly axis: number }> = {
  fixed: CORNERS.map(([shape, axis]) => pickCase(shape, axis)),
  random: shapeAndAxis().map(({ shape, axis }) => pickCase(shape, axis)),
  wrong: {
    "indices of another shape": () => pickFn(input("x", [4, 10]), input("labels", [5], "i32"), 1),
    "indices that are not whole": () => pickFn(input("x", [4, 10]), input("labels", [4]), 1),
    "an axis that is not there": () => pickFn(input("x", [4, 10]), input("labels", [4, 10], "i32"), 2),
    "integers to pick from": () => pickFn(input("x", [4, 10], "i32"), input("labels", [4], "i32"), 1),
  },
};

export const place: OpCases<{ readonly axis: number; readonly extent: number }> = {
  fixed: CORNERS.map(([shape, axis]) => placeCase(shape, axis)),
  random: shapeAndAxis().map(({ shape, axis }) => placeCase(shape, axis)),
  wrong: {},
};
