import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import * as dropouts from "../../src/ops/dropout.ts";
import { increment as incrementFn } from "../../src/ops/increment.ts";
import { randomKey, uniform as uniformFn } from "../../src/ops/random.ts";
import { broadcastable, shapes } from "./arbitraries.ts";
import { f32Input, type Input, i32Input, type OpCase, type OpCases, SPECIAL } from "./opCase.ts";

const anyInteger = (shape: Shape): Input => i32Input(shape, -(2 ** 31), 2 ** 31);

export const randomBits: OpCases<{}> = {
  fixed: [
    { inputs: [anyInteger([]), anyInteger([])], attrs: {} },
    { inputs: [anyInteger([13]), anyInteger([])], attrs: {} },
  ],
  random: broadcastable(2).map((all) => ({ inputs: all.map(anyInteger), attrs: {} })),
  wrong: {
    "a counter that is no integer": () => randomKey(input("step", []), "dropout"),
  },
};

export const increment: OpCases<{}> = {
  fixed: [{ inputs: [anyInteger([])], attrs: {} }],
  random: shapes().map((shape) => ({ inputs: [anyInteger(shape)], attrs: {} })),
  wrong: { "no integer": () => incrementFn(input("count", [])) },
};

type Uniform = { readonly shape: Shape; readonly low: number; readonly high: number };
const drawnIn = (shape: Shape, low: number, high: number): OpCase<Uniform> => ({ inputs: [anyInteger([])], attrs: { shape, low, high } });

export const uniform: OpCases<Uniform> = {
  fixed: [drawnIn([], 0, 1), drawnIn([21], 0.125, 0.375), drawnIn([2, 3, 4, 5], 0, 8)],
  random: shapes().map((shape) => drawnIn(shape, 0, 1)),
  wrong: {
    "several keys": () => uniformFn([3], input("keys", [3], "i32")),
    "a key that is no integer": () => uniformFn([3], input("key", [])),
  },
};

const dropped = (shape: Shape, p: number): OpCase<{ readonly p: number }> => ({ inputs: [f32Input(shape), anyInteger([])], attrs: { p } });

export const dropout: OpCases<{ readonly p: number }> = {
  fixed: [dropped([], 0.5), dropped([37], 0.5), dropped([2, 3, 4, 5], 0.75), dropped([3, 8, 2], 0.2), dropped([40], 15 / 16)],
  random: fc.tuple(shapes(), fc.constantFrom(0.2, 0.5, 0.75)).map(([shape, p]) => dropped(shape, p)),
  special: SPECIAL,
  wrong: {
    "a probability above 1": () => dropouts.dropout(input("x", [2]), 1.5, input("key", [], "i32")),
    "a key that is no integer": () => dropouts.dropout(input("x", [2]), 0.5, input("key", [])),
    integers: () => dropouts.dropout(input("x", [2], "i32"), 0.5, input("key", [], "i32")),
    "channels of nothing": () => dropouts.channelDropout(input("x", [2]), 0.5, input("key", [], "i32")),
  },
};
