/** Ops that move elements and compute nothing. */
import fc from "fast-check";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { expand as expandFn } from "../../src/ops/expand.ts";
import { reshape as reshapeFn } from "../../src/ops/reshape.ts";
import { permute as permuteFn } from "../../src/ops/transpose.ts";
import { broadcastable, shapes } from "./arbitraries.ts";
import { f32Input, i32Input, type OpCases, SPECIAL } from "./opCase.ts";

/** Another shape of as many elements: axes joined at random, with axes of extent 1 strewn in. */
const regrouped = (shape: Shape): fc.Arbitrary<Shape> =>
  fc.array(fc.nat(2), { minLength: shape.length + 1, maxLength: shape.length + 1 }).map((what) => {
    const out: number[] = [];
    shape.forEach((e, d) => {
      if (what[d] === 0 && out.length > 0) out[out.length - 1]! *= e;
      else out.push(...(what[d] === 1 ? [1, e] : [e]));
    });
    return what[shape.length] === 0 ? [sizeOf(shape)] : out;
  });

export const reshape: OpCases<{ readonly shape: Shape }> = {
  fixed: [
    { inputs: [f32Input([2, 3, 4])], attrs: { shape: [6, 4] } },
    { inputs: [f32Input([6, 4])], attrs: { shape: [4, 6] } },
    { inputs: [f32Input([])], attrs: { shape: [1, 1] } },
    { inputs: [f32Input([1])], attrs: { shape: [] } },
    { inputs: [f32Input([2, 16, 5, 5])], attrs: { shape: [2, 400] } },
    { inputs: [i32Input([4, 2], 0, 9)], attrs: { shape: [8] } },
  ],
  random: shapes().chain((from) => regrouped(from).map((shape) => ({ inputs: [f32Input(from)], attrs: { shape } }))),
  special: SPECIAL,
  wrong: {
    "another number of elements": () => reshapeFn(input("x", [2, 3]), [4]),
    "two unknown sizes": () => reshapeFn(input("x", [2, 3]), [-1, -1]),
    "an unknown size that does not fit": () => reshapeFn(input("x", [2, 3]), [4, -1]),
    "a negative size": () => reshapeFn(input("x", [2, 3]), [-2, -3]),
  },
};

export const permute: OpCases<{ readonly order: readonly number[] }> = {
  fixed: [
    { inputs: [f32Input([3, 5])], attrs: { order: [1, 0] } },
    { inputs: [f32Input([2, 3, 4, 5])], attrs: { order: [0, 2, 3, 1] } },
    { inputs: [i32Input([2, 3, 4], 0, 9)], attrs: { order: [2, 0, 1] } },
  ],
  random: shapes().chain((shape) =>
    fc
      .shuffledSubarray(
        shape.map((_, d) => d),
        { minLength: shape.length },
      )
      .map((order) => ({ inputs: [f32Input(shape)], attrs: { order } })),
  ),
  special: SPECIAL,
  wrong: {
    "an axis missing": () => permuteFn(input("x", [2, 3, 4]), [1, 0]),
    "an axis twice": () => permuteFn(input("x", [2, 3, 4]), [0, 0, 1]),
  },
};

export const expand: OpCases<{ readonly shape: Shape }> = {
  fixed: [
    { inputs: [f32Input([])], attrs: { shape: [2, 3] } },
    { inputs: [f32Input([3, 1])], attrs: { shape: [2, 3, 4] } },
    { inputs: [i32Input([1], 0, 9)], attrs: { shape: [5] } },
  ],
  random: broadcastable(2).map(([whole, part]) => ({ inputs: [f32Input(part!)], attrs: { shape: whole! } })),
  special: SPECIAL,
  wrong: {
    "a size that is not 1": () => expandFn(input("x", [2]), [3]),
    "fewer axes": () => expandFn(input("x", [2, 3]), [3]),
  },
};
