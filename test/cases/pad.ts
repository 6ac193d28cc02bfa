import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { type ExtendMode, pad as padFn } from "../../src/ops/pad.ts";
import { int, side } from "./arbitraries.ts";
import { f32Input, i32Input, type OpCase, type OpCases, SPECIAL } from "./opCase.ts";

type Sides = readonly (readonly [number, number])[];
type PadAttrs = { readonly padding: Sides; readonly value: number };
type ExtendAttrs = { readonly mode: ExtendMode; readonly padding: Sides };
type WithShape = ExtendAttrs & { readonly inputShape: Shape };

const MODES: readonly ExtendMode[] = ["reflect", "symmetric", "replicate", "circular"];
const none = side(0, 0);

/** A shape of up to four axes, and for each extent what `sides` draws. */
const withSides = (sides: (n: number) => fc.Arbitrary<readonly [number, number]>): fc.Arbitrary<{ shape: Shape; padding: Sides }> =>
  fc
    .array(
      int(1, 5).chain((n) => fc.tuple(fc.constant(n), sides(n))),
      { minLength: 1, maxLength: 4 },
    )
    .map((axes) => ({ shape: axes.map(([n]) => n), padding: axes.map(([, s]) => s) }));

/** Both sides may crop, but something is left. */
const anySides = (n: number): fc.Arbitrary<readonly [number, number]> =>
  fc.tuple(int(-n + 1, 3), int(-n + 1, 3)).filter(([before, after]) => n + before + after > 0);

const x = () => input("x", [1, 3, 8, 5]);

export const pad: OpCases<PadAttrs> = {
  fixed: [
    { inputs: [f32Input([5])], attrs: { padding: [side(2, 1)], value: 0 } },
    { inputs: [f32Input([2, 3, 4, 5])], attrs: { padding: [none, none, side(1, 2), side(3, 0)], value: Math.fround(0.1) } },
    { inputs: [f32Input([1, 2, 4, 5])], attrs: { padding: [none, none, side(-1, 2), side(0, -2)], value: 0 } },
    // Channels, and more than the input has on one side with a crop on the other.
    { inputs: [f32Input([2, 5, 3])], attrs: { padding: [none, side(4, 9), side(-2, 4)], value: -3 } },
    { inputs: [f32Input([1, 2, 3, 4, 5])], attrs: { padding: [none, none, side(1, 0), side(0, 1), side(1, -1)], value: 0 } },
    { inputs: [i32Input([4, 2], 0, 9)], attrs: { padding: [side(1, 0), side(0, 2)], value: 7 } },
  ],
  random: fc.tuple(withSides(anySides), fc.constantFrom(0, 1.5)).map(([{ shape, padding }, value]) => ({
    inputs: [f32Input(shape)],
    attrs: { padding, value },
  })),
  special: SPECIAL,
  wrong: {
    "nothing left": () => padFn(x(), [[-4, -4], 0]),
    "half a pixel": () => padFn(x(), [0.5, 1]),
    "more entries than axes": () => padFn(x(), [0, 0, 0, 0, 1]),
    "one number for an input without space": () => padFn(input("x", [3, 4]), 1),
    "a mode that is none": () => padFn(x(), 1, { mode: "mirror" as "reflect" }),
    "a reflection as long as the axis": () => padFn(x(), [1, 5], { mode: "reflect" }),
    "more than once round": () => padFn(x(), [1, [0, 6]], { mode: "circular" }),
    "a reflected crop": () => padFn(x(), [1, [-1, 1]], { mode: "symmetric" }),
  },
};

const extendCase = (mode: ExtendMode, shape: Shape, padding: Sides): OpCase<ExtendAttrs> => ({
  inputs: [f32Input(shape)],
  attrs: { mode, padding },
});

const EXTENDED: readonly OpCase<ExtendAttrs>[] = MODES.flatMap((mode) => [
  extendCase(mode, [7], [side(3, 2)]),
  extendCase(mode, [2, 3, 5, 4], [none, none, side(2, 1), side(1, 3)]),
  extendCase(mode, [1, 6, 5], [none, none, side(0, 4)]),
  // The margins overlap: an element has images on both sides.
  extendCase(mode, [1, 2, 3, 3], [none, none, side(2, 2), side(2, 1)]),
  extendCase(mode, [1, 1, 3, 2, 4], [none, none, side(1, 1), side(1, 0), side(2, 3)]),
]);

const extended: fc.Arbitrary<OpCase<ExtendAttrs>> = fc.constantFrom(...MODES).chain((mode) =>
  withSides((n) => {
    const most = mode === "replicate" ? n + 1 : mode === "reflect" ? n - 1 : n;
    return fc.tuple(int(0, most), int(0, most));
  }).map(({ shape, padding }) => extendCase(mode, shape, padding)),
);

export const extend: OpCases<ExtendAttrs> = {
  fixed: [...EXTENDED, { inputs: [i32Input([4, 2], 0, 9)], attrs: { mode: "circular", padding: [side(1, 0), side(0, 2)] } }],
  random: extended,
  special: SPECIAL,
  wrong: {},
};

const back = ({ inputs, attrs }: OpCase<ExtendAttrs>): OpCase<WithShape> => {
  const { shape } = inputs[0]!;
  return {
    inputs: [f32Input(shape.map((n, d) => n + attrs.padding[d]![0] + attrs.padding[d]![1]))],
    attrs: { ...attrs, inputShape: shape },
  };
};
export const extendGrad: OpCases<WithShape> = { fixed: EXTENDED.map(back), random: extended.map(back), wrong: {} };
