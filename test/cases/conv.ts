import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { type ConvAttrs, type ConvTransposeOptions, conv as convFn, convOp, convTranspose } from "../../src/ops/conv.ts";
import { convolve, correlate } from "../../src/ops/convolve.ts";
import type { WindowAttrs } from "../../src/ops/window.ts";
import { convWindows, int, side, windowOf } from "./arbitraries.ts";
import { f32Input, type OpCase, type OpCases } from "./opCase.ts";

type WithSpace = ConvAttrs & { readonly inputSpace: Shape };

interface Sizes {
  readonly n: number;
  readonly groups: number;
  /** Channels of one group. */
  readonly c: number;
  readonly o: number;
}

const convCase = ({ n, groups, c, o }: Sizes, space: Shape, window: WindowAttrs): OpCase<ConvAttrs> => ({
  inputs: [f32Input([n, groups * c, ...space]), f32Input([groups * o, c, ...window.kernel])],
  attrs: { ...window, groups },
});

const outputOf = ({ inputs, attrs }: OpCase<ConvAttrs>): Shape => convOp.infer(inputs, attrs).shape;

const inputGradCase = (c: OpCase<ConvAttrs>): OpCase<WithSpace> => ({
  inputs: [f32Input(outputOf(c)), c.inputs[1]!],
  attrs: { ...c.attrs, inputSpace: c.inputs[0]!.shape.slice(2) } as WithSpace,
});

const weightGradCase = (c: OpCase<ConvAttrs>): OpCase<ConvAttrs> => ({ inputs: [f32Input(outputOf(c)), c.inputs[0]!], attrs: c.attrs });

const one = { n: 1, groups: 1, c: 1, o: 1 };
const FIXED: readonly OpCase<ConvAttrs>[] = [
  convCase(one, [1], windowOf([1])),
  convCase({ n: 2, groups: 1, c: 3, o: 4 }, [9], windowOf([3], { stride: 2, padding: [side(1, 0)], dilation: 2 })),
  // 3x3 with padding, the networks' own; odd extents.
  convCase({ n: 2, groups: 1, c: 3, o: 5 }, [7, 5], windowOf([3, 3], { padding: 1 })),
  convCase({ n: 1, groups: 1, c: 8, o: 16 }, [6, 6], windowOf([1, 1])),
  convCase({ n: 1, groups: 1, c: 3, o: 4 }, [11, 9], windowOf([7, 7], { stride: 2, padding: 3 })),
  // More rows, lanes and products than one register tile holds, none of them a multiple of it.
  convCase({ n: 2, groups: 1, c: 11, o: 21 }, [6, 7], windowOf([3, 3], { padding: 1 })),
  // The stride leaves rows and columns at the end unread.
  convCase({ n: 1, groups: 1, c: 2, o: 2 }, [8, 9], windowOf([2, 3], { stride: [3, 2] })),
  // A stride larger than the window skips elements between windows.
  convCase({ n: 1, groups: 1, c: 2, o: 3 }, [7, 7], windowOf([1, 2], { stride: 3, padding: [side(0, 1), side(2, 0)] })),
  // Depthwise, and depthwise with two outputs for each input.
  convCase({ n: 2, groups: 4, c: 1, o: 1 }, [5, 6], windowOf([3, 3], { padding: 1 })),
  convCase({ n: 1, groups: 3, c: 1, o: 2 }, [5, 5], windowOf([3, 3], { stride: 2, padding: 1 })),
  convCase(
    { n: 1, groups: 2, c: 3, o: 2 },
    [5, 7],
    windowOf([3, 2], { stride: [1, 2], padding: [side(2, 0), side(0, 3)], dilation: [2, 3] }),
  ),
  // Cropped, and padded by more than the window.
  convCase({ n: 1, groups: 1, c: 2, o: 2 }, [6, 6], windowOf([2, 2], { padding: [side(-1, -2), side(4, 3)] })),
  convCase(
    { n: 2, groups: 1, c: 2, o: 3 },
    [3, 4, 5],
    windowOf([2, 3, 2], { stride: [1, 2, 2], padding: [side(1, 0), 1, side(0, 2)], dilation: [1, 1, 2] }),
  ),
];

const drawn = (sizes: { readonly groups: number; readonly c: number; readonly o: number }): fc.Arbitrary<OpCase<ConvAttrs>> =>
  fc
    .tuple(fc.record({ n: int(1, 2), groups: int(1, sizes.groups), c: int(1, sizes.c), o: int(1, sizes.o) }), convWindows)
    .map(([own, { window, space }]) => convCase(own, space, window));

// Now and then so many channels that register tiles are filled, with a rest.
const random: fc.Arbitrary<OpCase<ConvAttrs>> = fc.oneof(
  { weight: 6, arbitrary: drawn({ groups: 3, c: 3, o: 4 }) },
  { weight: 1, arbitrary: drawn({ groups: 1, c: 9, o: 21 }) },
);

const x = () => input("x", [1, 32, 8, 8]);

export const conv: OpCases<ConvAttrs> = {
  fixed: FIXED,
  random,
  wrong: {
    "other channels": () => convFn(x(), input("w", [64, 16, 3, 3])),
    "other channels, in groups": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { groups: 2 }),
    "groups that do not divide the outputs": () => convFn(x(), input("w", [63, 16, 3, 3]), undefined, { groups: 2 }),
    "no groups": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { groups: 0 }),
    "half a group": () => convFn(x(), input("w", [64, 64, 3, 3]), undefined, { groups: 0.5 }),
    "a window larger than the input": () => convFn(x(), input("w", [64, 32, 11, 3]), undefined, { padding: 1 }),
    "a dilated window larger than the input": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { dilation: 4 }),
    "an input of another rank": () => convFn(input("x", [1, 32, 8]), input("w", [64, 32, 3, 3])),
    "a weight without spatial axes": () => convFn(input("x", [1, 32]), input("w", [64, 32])),
    "a weight with four spatial axes": () => convFn(input("x", [1, 2, 3, 3, 3, 3]), input("w", [4, 2, 1, 1, 1, 1])),
    "a stride of zero": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { stride: 0 }),
    "a stride for one axis of two": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { stride: [1] }),
    "half a stride": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { stride: [1, 0.5] }),
    "a rule of padding that is none": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { padding: "most" as "same" }),
    "a future in two directions": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { padding: "causal" }),
    "a mode of padding that is none": () =>
      convFn(x(), input("w", [64, 32, 3, 3]), undefined, { padding: 1, paddingMode: "zero" as "zeros" }),
    "more reflected than there is": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { padding: 8, paddingMode: "reflect" }),
    "half a pixel of padding": () => convFn(x(), input("w", [64, 32, 3, 3]), undefined, { padding: [[0, 0.5], 1] }),
    integers: () => convFn(input("image", [1, 32, 8, 8], "u8"), input("w", [64, 32, 3, 3])),
    "a bias of another size": () => convFn(x(), input("w", [64, 32, 3, 3]), input("b", [32])),
    "a bias that would be repeated": () => convFn(x(), input("w", [64, 32, 3, 3]), input("b", [1])),
    "a bias that would widen the result": () => convFn(x(), input("w", [1, 32, 3, 3]), input("b", [5])),
    "a bias of two axes": () => convFn(x(), input("w", [64, 32, 3, 3]), input("b", [64, 1])),
  },
};

const transposed =
  (w: Shape, options: ConvTransposeOptions = {}, b?: Shape) =>
  () =>
    convTranspose(x(), input("w", w), b && input("b", b), options);

export const convInputGrad: OpCases<WithSpace> = {
  fixed: FIXED.map(inputGradCase),
  random: random.map(inputGradCase),
  wrong: {
    "transposed: other channels": transposed([64, 32, 3, 3]),
    "transposed: groups that do not divide the inputs": transposed([32, 4, 3, 3], { groups: 5 }),
    "transposed: an input of another rank": transposed([32, 4, 3]),
    "transposed: a weight without spatial axes": transposed([32, 4]),
    "transposed: more output padding than a window can reach": transposed([32, 4, 3, 3], { stride: 2, outputPadding: 2 }),
    "transposed: half a pixel of output padding": transposed([32, 4, 3, 3], { stride: 2, outputPadding: 0.5 }),
    "transposed: nothing left": transposed([32, 4, 1, 1], { padding: 4 }),
    "transposed: a bias of another size": transposed([32, 4, 3, 3], { groups: 2 }, [4]),
    "transposed: integers": () => convTranspose(input("image", [1, 32, 8, 8], "u8"), input("w", [32, 4, 3, 3])),
    "correlate: another number of axes": () => correlate(input("x", [5, 5]), input("k", [3])),
    "correlate: batch and channels": () => correlate(input("x", [1, 1, 5, 5]), input("k", [1, 1, 3, 3])),
    "convolve: neither within the other": () => convolve(input("x", [5, 3]), input("k", [3, 5]), "valid"),
    "convolve: a mode that is none": () => convolve(input("x", [5]), input("k", [3]), "half" as "same"),
  },
};
export const convWeightGrad: OpCases<ConvAttrs> = { fixed: FIXED.map(weightGradCase), random: random.map(weightGradCase), wrong: {} };
