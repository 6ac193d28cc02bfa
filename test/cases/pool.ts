import fc from "fast-check";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { avgPool as avgPoolFn } from "../../src/ops/avgPool.ts";
import { maxPool as maxPoolFn, maxPoolOp } from "../../src/ops/maxPool.ts";
import type { WindowAttrs } from "../../src/ops/window.ts";
import { int, poolWindows, side, windowOf } from "./arbitraries.ts";
import { type Domain, f32Input, i32Input, type OpCase, type OpCases } from "./opCase.ts";

type WithSpace = WindowAttrs & { readonly inputSpace: Shape };
type Pool = OpCase<WindowAttrs>;

const poolCase = (nc: Shape, space: Shape, window: WindowAttrs): Pool => ({ inputs: [f32Input([...nc, ...space])], attrs: window });

const FIXED: readonly Pool[] = [
  poolCase([1, 1], [1], windowOf([1])),
  poolCase([2, 3], [9], windowOf([3], { stride: 2, padding: [side(1, 0)], dilation: 2 })),
  poolCase([2, 3], [6, 8], windowOf([2, 2], { stride: 2 })),
  // The last row and column are dropped.
  poolCase([1, 2], [7, 5], windowOf([2, 2], { stride: 2 })),
  // Overlapping windows with padding, as at the start of a ResNet.
  poolCase([1, 3], [9, 9], windowOf([3, 3], { stride: 2, padding: 1 })),
  poolCase([1, 2], [7, 8], windowOf([3, 2], { stride: [1, 3], padding: [side(1, 0), side(0, 1)], dilation: [2, 3] })),
  // The whole plane.
  poolCase([2, 4], [5, 7], windowOf([5, 7], { stride: [5, 7] })),
  poolCase([1, 2], [4, 5, 3], windowOf([2, 3, 2], { stride: [2, 1, 1], padding: [side(1, 0), 1, side(0, 1)] })),
];

const random: fc.Arbitrary<Pool> = fc
  .tuple(int(1, 2), int(1, 3), poolWindows)
  .map(([n, c, { window, space }]) => poolCase([n, c], space, window));

const drawn =
  (domain: Domain) =>
  ({ inputs, attrs }: Pool): Pool => ({ inputs: [f32Input(inputs[0]!.shape, domain)], attrs });

const outputOf = ({ inputs, attrs }: Pool): Shape => maxPoolOp.infer(inputs, attrs).shape;
const winners = (c: Pool) => i32Input(outputOf(c), 0, sizeOf(c.attrs.kernel));
const spaceOf = (c: Pool): WithSpace => ({ ...c.attrs, inputSpace: c.inputs[0]!.shape.slice(2) });

const wrong = (fn: typeof maxPoolFn): OpCases["wrong"] => ({
  "a window larger than the input": () => fn(input("x", [1, 3, 4, 4]), 5),
  "an input without batch": () => fn(input("x", [3]), 2),
  "more padding than half of the window": () => fn(input("x", [1, 3, 8, 8]), 3, { padding: 2 }),
  "a window for one axis of two": () => fn(input("x", [1, 3, 8, 8]), [2]),
  "a window of nothing": () => fn(input("x", [1, 3, 8, 8]), 0),
  integers: () => fn(input("image", [1, 3, 8, 8], "u8"), 2),
});

export const avgPool: OpCases<WindowAttrs> = { fixed: FIXED, random, wrong: wrong(avgPoolFn) };

const averaged = (c: Pool): OpCase<WithSpace> => ({ inputs: [f32Input(outputOf(c))], attrs: spaceOf(c) });
export const avgPoolGrad: OpCases<WithSpace> = { fixed: FIXED.map(averaged), random: random.map(averaged), wrong: {} };

// NaN wins; infinities stay out of the winner's cases, because padding is one too.
export const maxPool: OpCases<WindowAttrs> = {
  fixed: FIXED.map(drawn("apart")),
  random: random.map(drawn("apart")),
  special: [Number.NaN, Infinity, -Infinity, -0, 0, 1],
  wrong: wrong(maxPoolFn),
};
export const maxPoolWinner: OpCases<WindowAttrs> = { ...maxPool, special: [Number.NaN, Infinity, -0, 0, 1], wrong: {} };

const given = (c: Pool): OpCase<WithSpace> => ({ inputs: [f32Input(outputOf(c)), winners(c)], attrs: spaceOf(c) });
export const maxPoolGrad: OpCases<WithSpace> = { fixed: FIXED.map(given), random: random.map(given), wrong: {} };

const taken = (c: Pool): Pool => ({ inputs: [...c.inputs, winners(c)], attrs: c.attrs });
export const maxPoolTake: OpCases<WindowAttrs> = { fixed: FIXED.map(taken), random: random.map(taken), wrong: {} };
