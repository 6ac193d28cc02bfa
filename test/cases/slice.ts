/** Parts of arrays, arrays of parts, and elements in another order. */
import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { concat as concatFn, stack } from "../../src/ops/concat.ts";
import { roll as rollFn } from "../../src/ops/roll.ts";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "../../src/ops/shuffle.ts";
import { slice as sliceFn, split } from "../../src/ops/slice.ts";
import { fold, unfold } from "../../src/ops/unfold.ts";
import { int, shapeAndAxis, shapes } from "./arbitraries.ts";
import { f32Input, i32Input, type OpCase, type OpCases, SPECIAL } from "./opCase.ts";

type SliceAttrs = { readonly start: readonly number[]; readonly step: readonly number[]; readonly size: readonly number[] };
type WithShape = SliceAttrs & { readonly inputShape: Shape };

/** [start, step, size] for each axis. */
const sliceCase = (shape: Shape, ...parts: readonly (readonly [number, number, number])[]): OpCase<SliceAttrs> => ({
  inputs: [f32Input(shape)],
  attrs: { start: parts.map((p) => p[0]), step: parts.map((p) => p[1]), size: parts.map((p) => p[2]) },
});

const SLICED: readonly OpCase<SliceAttrs>[] = [
  sliceCase([7], [2, 1, 3]),
  sliceCase([7], [6, -1, 7]),
  sliceCase([7], [1, 3, 2]),
  sliceCase([7], [6, -2, 3]),
  sliceCase([2, 9, 5, 6], [0, 1, 2], [4, 1, 5], [0, 1, 5], [0, 1, 6]),
  sliceCase([2, 8, 5, 6], [0, 1, 2], [0, 1, 8], [4, -1, 5], [1, 2, 3]),
  sliceCase([1, 3, 9, 8], [0, 1, 1], [0, 1, 3], [2, 4, 2], [7, -3, 3]),
  // One element.
  sliceCase([3, 4], [2, 1, 1], [1, 5, 1]),
  { ...sliceCase([4, 3], [3, -1, 4], [1, 1, 2]), inputs: [i32Input([4, 3], 0, 9)] },
];

const sliced: fc.Arbitrary<OpCase<SliceAttrs>> = fc
  .array(
    fc.tuple(int(1, 6), int(1, 3), fc.boolean(), fc.nat(), fc.nat()).map(([n, step, backwards, first, count]) => {
      const start = first % n;
      const most = Math.floor((n - 1 - start) / step) + 1;
      const size = 1 + (count % most);
      return { n, part: (backwards ? [start + (size - 1) * step, -step, size] : [start, step, size]) as readonly [number, number, number] };
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((axes) =>
    sliceCase(
      axes.map((a) => a.n),
      ...axes.map((a) => a.part),
    ),
  );

const x = () => input("x", [2, 6, 8, 5]);

export const slice: OpCases<SliceAttrs> = {
  fixed: SLICED,
  random: sliced,
  special: SPECIAL,
  wrong: {
    "nothing left": () => sliceFn(x(), [[1, 1]]),
    "a place that is not whole": () => sliceFn(x(), [[0.5]]),
    "a step of nothing": () => sliceFn(x(), [[0, 2, 0]]),
    "more ranges than axes": () => sliceFn(x(), [[], [], [], [], []]),
    "split: sizes that do not add up": () => split(x(), [2, 3], 1)[0]!,
    "split: parts of nothing": () => split(x(), 0, 1)[0]!,
    "unfold: a window larger than the input": () => unfold(x(), 6),
    "unfold: an input without space": () => unfold(input("x", [2, 6]), 1),
    "fold: columns of another size": () => fold(input("x", [1, 12, 14]), [6, 7], [2, 3]),
    "fold: channels that do not divide": () => fold(input("x", [1, 13, 25]), [6, 7], [2, 3]),
    "pixelShuffle: channels that do not divide": () => pixelShuffle(x(), 2),
    "pixelShuffle: half a pixel": () => pixelShuffle(x(), 0.5),
    "pixelUnshuffle: an axis that does not divide": () => pixelUnshuffle(x(), 2),
    "channelShuffle: groups that do not divide": () => channelShuffle(x(), 4),
  },
};

const spreading = ({ inputs, attrs }: OpCase<SliceAttrs>): OpCase<WithShape> => ({
  inputs: [f32Input(attrs.size)],
  attrs: { ...attrs, inputShape: inputs[0]!.shape },
});
export const spread: OpCases<WithShape> = { fixed: SLICED.map(spreading), random: sliced.map(spreading), wrong: {} };

type RollAttrs = { readonly shifts: readonly number[] };

export const roll: OpCases<RollAttrs> = {
  fixed: [
    { inputs: [f32Input([7])], attrs: { shifts: [3] } },
    { inputs: [f32Input([2, 5, 3, 4])], attrs: { shifts: [0, 0, 1, 2] } },
    { inputs: [f32Input([2, 5, 3])], attrs: { shifts: [1, 4, 0] } },
    { inputs: [i32Input([4, 2], 0, 9)], attrs: { shifts: [0, 1] } },
  ],
  random: shapes(1, 4).chain((shape) =>
    fc.tuple(...shape.map((n) => int(0, n - 1))).map((shifts) => ({ inputs: [f32Input(shape)], attrs: { shifts } })),
  ),
  special: SPECIAL,
  wrong: {
    "two shifts for one axis": () => rollFn(x(), [1, 2], [2]),
    "half a step": () => rollFn(x(), 0.5, 2),
    "an axis twice": () => rollFn(x(), [1, 2], [2, -2]),
  },
};

type ConcatAttrs = { readonly axis: number };

const concatCase = (shape: Shape, axis: number, extents: readonly number[]): OpCase<ConcatAttrs> => ({
  inputs: extents.map((n) => f32Input(shape.with(axis, n))),
  attrs: { axis },
});

export const concat: OpCases<ConcatAttrs> = {
  fixed: [
    concatCase([1], 0, [3, 4]),
    concatCase([2, 1, 3, 4], 1, [4, 8, 1, 3]),
    concatCase([2, 5, 1, 4], 2, [1, 3]),
    concatCase([1, 5, 3, 4], 0, [2, 1, 1]),
    { inputs: [i32Input([2], 0, 9), i32Input([3], 0, 9)], attrs: { axis: 0 } },
  ],
  random: fc
    .tuple(shapeAndAxis(), fc.array(int(1, 5), { minLength: 1, maxLength: 4 }))
    .map(([{ shape, axis }, extents]) => concatCase(shape, axis, extents)),
  special: SPECIAL,
  wrong: {
    "nothing to join": () => concatFn([]),
    "another axis that differs": () => concatFn([x(), input("y", [2, 6, 8, 4])]),
    "other axes": () => concatFn([x(), input("y", [2, 6, 8])]),
    "another element type": () => concatFn([x(), input("y", [2, 6, 8, 5], "u8")]),
    "an axis that is not there": () => concatFn([x(), x()], 4),
    "stack: shapes that differ": () => stack([x(), input("y", [2, 6, 8, 4])]),
  },
};
