import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { tileTransform as tileTransformFn, tileTransformOp } from "../../src/ops/tileTransform.ts";
import type { WindowAttrs } from "../../src/ops/window.ts";
import { convWindows, int, side, windowOf } from "./arbitraries.ts";
import { f32Input, type OpCase, type OpCases } from "./opCase.ts";

type WithSpace = WindowAttrs & { readonly inputSpace: Shape };

const tiles = (n: number, c: number, f: number, space: Shape, window: WindowAttrs): OpCase<WindowAttrs> => ({
  inputs: [f32Input([n, c, ...space]), f32Input([f, ...window.kernel])],
  attrs: window,
});

const transformOf = ({ inputs, attrs }: OpCase<WindowAttrs>): Shape => tileTransformOp.infer(inputs, attrs).shape;

const inputGradCase = (c: OpCase<WindowAttrs>): OpCase<WithSpace> => ({
  inputs: [f32Input(transformOf(c)), c.inputs[1]!],
  attrs: { ...c.attrs, inputSpace: c.inputs[0]!.shape.slice(2) },
});
const matrixGradCase = (c: OpCase<WindowAttrs>): OpCase<WindowAttrs> => ({
  inputs: [f32Input(transformOf(c)), c.inputs[0]!],
  attrs: c.attrs,
});

const FIXED: readonly OpCase<WindowAttrs>[] = [
  tiles(1, 1, 1, [1], windowOf([1])),
  // Winograd's input tiles, F(2, 3) and F(4, 3), which overlap; and output tiles, which do not.
  tiles(2, 3, 4, [9], windowOf([4], { stride: 2, padding: [side(1, 2)] })),
  tiles(1, 9, 36, [7, 5], windowOf([6, 6], { stride: 4, padding: [side(1, 2), side(1, 4)] })),
  tiles(2, 2, 16, [7, 5], windowOf([2, 2], { stride: 2, padding: [side(0, 1), side(0, 1)] })),
];

const random: fc.Arbitrary<OpCase<WindowAttrs>> = fc
  .tuple(int(1, 2), int(1, 3), int(1, 4), convWindows)
  .map(([n, c, f, { window, space }]) => tiles(n, c, f, space, window));

const window = windowOf([3, 3]);

export const tileTransform: OpCases<WindowAttrs> = {
  fixed: FIXED,
  random,
  wrong: {
    "a matrix for other tiles": () => tileTransformFn(input("x", [1, 2, 8, 8]), input("m", [9, 2, 2]), window),
    "tiles larger than the input": () => tileTransformFn(input("x", [1, 2, 2, 8]), input("m", [9, 3, 3]), window),
    integers: () => tileTransformFn(input("x", [1, 2, 8, 8], "u8"), input("m", [9, 3, 3]), window),
  },
};
export const tileTransformInputGrad: OpCases<WithSpace> = { fixed: FIXED.map(inputGradCase), random: random.map(inputGradCase), wrong: {} };
export const tileTransformMatrixGrad: OpCases<WindowAttrs> = {
  fixed: FIXED.map(matrixGradCase),
  random: random.map(matrixGradCase),
  wrong: {},
};
