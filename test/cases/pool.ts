import fc from "fast-check";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { input, type Tensor } from "../../src/index.ts";
import { type AvgPoolAttrs, adaptiveAvgPool, avgPool as avgPoolFn } from "../../src/ops/avgPool.ts";
import { fractionalMaxPool, spacedWindowsOp } from "../../src/ops/fractionalMaxPool.ts";
import { globalAvgPool, globalMaxPool } from "../../src/ops/globalPool.ts";
import { lpPool } from "../../src/ops/lpPool.ts";
import { adaptiveMaxPool, maxPool as maxPoolFn, maxPoolOp } from "../../src/ops/maxPool.ts";
import { maxUnpool } from "../../src/ops/maxUnpool.ts";
import type { PoolOptions } from "../../src/ops/pool.ts";
import { type AdaptiveAttrs, type PoolAttrs, type PoolSpace, tapsOf } from "../../src/ops/poolAxis.ts";
import { subsample } from "../../src/ops/subsample.ts";
import type { WindowAttrs } from "../../src/ops/window.ts";
import { windowReduce, windowsOp } from "../../src/ops/windowReduce.ts";
import { convWindows, int, poolWindows, side, windowOf } from "./arbitraries.ts";
import { type Domain, f32Input, type Input, i32Input, type OpCase, type OpCases } from "./opCase.ts";

type Pool = OpCase<PoolAttrs>;
type Regular = OpCase<WindowAttrs>;

const poolCase = (nc: Shape, space: Shape, window: WindowAttrs): Regular => ({ inputs: [f32Input([...nc, ...space])], attrs: window });

const FIXED: readonly Regular[] = [
  poolCase([1, 1], [1], windowOf([1])),
  poolCase([2, 3], [9], windowOf([3], { stride: 2, padding: [side(1, 0)], dilation: 2 })),
  poolCase([2, 3], [6, 8], windowOf([2, 2], { stride: 2 })),
  // The last row and column are dropped.
  poolCase([1, 2], [7, 5], windowOf([2, 2], { stride: 2 })),
  // Gaps between windows, with dilation and without.
  poolCase([1, 2], [9, 8], windowOf([2, 1], { stride: [3, 2], dilation: [1, 3] })),
  poolCase([1, 2], [9, 8], windowOf([2, 3], { stride: [4, 5], padding: [side(1, 1), 1] })),
  // Overlapping windows with padding, as at the start of a ResNet.
  poolCase([1, 3], [9, 9], windowOf([3, 3], { stride: 2, padding: 1 })),
  poolCase([1, 2], [7, 8], windowOf([3, 2], { stride: [1, 3], padding: [side(1, 0), side(0, 1)], dilation: [2, 3] })),
  // Ceil mode: more padding after the end than half of the window.
  poolCase([1, 2], [4, 6], windowOf([3, 3], { stride: [2, 3], padding: [side(1, 2), side(0, 2)] })),
  // The whole plane.
  poolCase([2, 4], [5, 7], windowOf([5, 7], { stride: [5, 7] })),
  poolCase([1, 2], [4, 5, 3], windowOf([2, 3, 2], { stride: [2, 1, 1], padding: [side(1, 0), 1, side(0, 1)] })),
];

const random: fc.Arbitrary<Regular> = fc
  .tuple(int(1, 2), int(1, 3), poolWindows)
  .map(([n, c, { window, space }]) => poolCase([n, c], space, window));

// ---- windows of different sizes ------------------------------------------------------------------------------------

const adaptiveCase = (nc: Shape, inputSpace: Shape, outputSize: Shape): OpCase<AdaptiveAttrs> => ({
  inputs: [f32Input([...nc, ...inputSpace])],
  attrs: { inputSpace, outputSize },
});

const ADAPTIVE: readonly OpCase<AdaptiveAttrs>[] = [
  adaptiveCase([1, 2], [7], [3]),
  // More outputs than inputs: each is read several times.
  adaptiveCase([1, 1], [3], [8]),
  adaptiveCase([2, 3], [7, 5], [3, 5]),
  adaptiveCase([1, 5], [10, 9], [1, 4]),
  adaptiveCase([1, 2], [5, 4, 3], [2, 3, 5]),
];

const adaptive: fc.Arbitrary<OpCase<AdaptiveAttrs>> = fc
  .tuple(int(1, 2), int(1, 3), fc.array(fc.tuple(int(1, 8), int(1, 8)), { minLength: 1, maxLength: 3 }))
  .map(([n, c, axes]) => {
    const few = axes.length > 2 ? 3 : 8;
    return adaptiveCase(
      [n, c],
      axes.map(([e]) => Math.min(e, few)),
      axes.map(([, o]) => Math.min(o, few)),
    );
  });

/** Windows of both kinds. */
const BOTH: readonly Pool[] = [...FIXED, ...ADAPTIVE];
const both: fc.Arbitrary<Pool> = fc.oneof<fc.MaybeWeightedArbitrary<Pool>[]>(
  { weight: 2, arbitrary: random },
  { weight: 1, arbitrary: adaptive },
);

// ---- inputs of each op ---------------------------------------------------------------------------------------------

const drawn =
  (domain: Domain) =>
  ({ inputs, attrs }: Pool): Pool => ({ inputs: [f32Input(inputs[0]!.shape, domain)], attrs });

const outputOf = ({ inputs, attrs }: Pool): Shape => maxPoolOp.infer(inputs, attrs).shape;
const winners = (c: Pool): Input => i32Input(outputOf(c), 0, sizeOf(tapsOf(c.attrs)));
const spaceOf = <A extends PoolAttrs>(c: OpCase<A>): A & { readonly inputSpace: Shape } => ({
  ...c.attrs,
  inputSpace: c.inputs[0]!.shape.slice(2),
});
/** The case with other inputs and attributes. */
const all = <A extends PoolAttrs, B extends PoolAttrs>(
  fixed: readonly OpCase<A>[],
  drawnCases: fc.Arbitrary<OpCase<A>>,
  change: (c: OpCase<A>) => OpCase<B>,
): Pick<OpCases<B>, "fixed" | "random"> => ({ fixed: fixed.map(change), random: drawnCases.map(change) });

const x = (): Tensor => input("x", [1, 3, 8, 8]);
const wrong = (fn: (x: Tensor, kernel: number | readonly number[], options?: PoolOptions) => Tensor): OpCases["wrong"] => ({
  "a window larger than the input": () => fn(input("x", [1, 3, 4, 4]), 5),
  "a window much larger than the input, in ceil mode": () => fn(input("x", [1, 3, 4, 4]), 9, { stride: 2, ceilMode: true }),
  "an input without batch": () => fn(input("x", [3]), 2),
  "more padding than half of the window": () => fn(x(), 3, { padding: 2 }),
  "a window for one axis of two": () => fn(x(), [2]),
  "a window of nothing": () => fn(x(), 0),
  integers: () => fn(input("image", [1, 3, 8, 8], "u8"), 2),
});

// ---- averages ------------------------------------------------------------------------------------------------------

const divided = (c: Regular): OpCase<AvgPoolAttrs> => ({ ...c, attrs: { ...c.attrs, divisor: sizeOf(c.attrs.kernel) } });
export const avgPool: OpCases<AvgPoolAttrs> = {
  ...all(FIXED, random, divided),
  wrong: {
    ...wrong(avgPoolFn),
    "a divisor of zero": () => avgPoolFn(x(), 2, { divisorOverride: 0 }),
    "lpPool: a norm of zero": () => lpPool(x(), 0, 2),
    "lpPool: a window for one axis of two": () => lpPool(x(), 2, [2]),
    "globalAvgPool: no space": () => globalAvgPool(input("x", [1, 3])),
    "subsample: a bias of another size": () => subsample(x(), input("coefficient", [3]), input("bias", [1]), 2),
    "subsample: a coefficient for each element": () => subsample(x(), input("coefficient", [3, 8, 8]), input("bias", [3]), 2),
  },
};
export const avgPoolGrad: OpCases<AvgPoolAttrs & { readonly inputSpace: Shape }> = {
  ...all(FIXED, random, (c) => ({ inputs: [f32Input(outputOf(c))], attrs: spaceOf(divided(c)) })),
  wrong: {},
};
export const adaptiveSum: OpCases<AdaptiveAttrs> = {
  fixed: ADAPTIVE,
  random: adaptive,
  wrong: {
    "no windows": () => adaptiveAvgPool(x(), 0),
    "windows for one axis of two": () => adaptiveAvgPool(x(), [3]),
    "no space": () => adaptiveAvgPool(input("x", [1, 3]), 3),
    integers: () => adaptiveAvgPool(input("image", [1, 3, 8, 8], "u8"), 3),
  },
};

// ---- maxima --------------------------------------------------------------------------------------------------------

export const maxPool: OpCases<PoolAttrs> = {
  ...all(BOTH, both, drawn("apart")),
  special: [Number.NaN, Infinity, -Infinity, -0, 0, 1],
  wrong: {
    ...wrong(maxPoolFn),
    "adaptive: half a window": () => adaptiveMaxPool(x(), [1, 1.5]),
    "global: no space": () => globalMaxPool(input("x", [1, 3])),
  },
};
export const maxPoolWinner: OpCases<PoolAttrs> = { ...maxPool, wrong: {} };
export const maxPoolIndices: OpCases<PoolSpace> = {
  ...all(BOTH, both, (c) => ({ inputs: [winners(c)], attrs: spaceOf(c) })),
  wrong: {
    "to unpool by: of another shape": () => maxUnpool(x(), input("at", [1, 3, 8, 4], "i32"), 2),
    "to unpool by: not whole": () => maxUnpool(x(), x(), 2),
    "to unpool by: an output a stride too large": () => maxUnpool(x(), input("at", [1, 3, 8, 8], "i32"), 2, { outputSize: [16, 18] }),
  },
};
export const maxPoolGrad: OpCases<PoolSpace> = {
  ...all(BOTH, both, (c) => ({ inputs: [f32Input(outputOf(c)), winners(c)], attrs: spaceOf(c) })),
  wrong: {},
};
export const maxPoolTake: OpCases<PoolAttrs> = {
  ...all(BOTH, both, (c) => ({ inputs: [...c.inputs, winners(c)], attrs: c.attrs })),
  wrong: {},
};

// ---- windows side by side ------------------------------------------------------------------------------------------

type Filled = PoolAttrs & { readonly fill: number };
const filled = (c: Pool): OpCase<Filled> => ({ ...c, attrs: { ...c.attrs, fill: sizeOf(outputOf(c)) % 2 === 0 ? 0 : -3 } as Filled });
// Unfolding has any padding, and crops.
const ANY: readonly Pool[] = [
  ...BOTH,
  poolCase([1, 2], [5, 7], windowOf([2, 1], { stride: [3, 2], padding: [side(5, 4), side(-1, 3)] })),
  poolCase([1, 2], [6], windowOf([1], { stride: 2, padding: [side(-1, -2)], dilation: 2 })),
];
const any: fc.Arbitrary<Pool> = fc.oneof(
  both,
  convWindows.map(({ window, space }) => poolCase([2, 1], space, window)),
);
export const windows: OpCases<Filled> = {
  ...all(ANY, any, filled),
  wrong: {
    ...wrong((t, kernel, options) => windowReduce(t, kernel, (e) => e, options)),
    "a function that reduces nothing": () => windowReduce(x(), 2, (e) => e),
  },
};
export const windowsGrad: OpCases<PoolSpace> = {
  ...all(ANY, any, (c) => ({ inputs: [f32Input(windowsOp.infer(c.inputs, filled(c).attrs).shape)], attrs: spaceOf(c) })),
  wrong: {},
};

// ---- windows at distances that vary --------------------------------------------------------------------------------

type Spaced = { readonly inputSpace: Shape; readonly outputSize: Shape; readonly kernel: readonly number[] };
const spacedCase = (nc: Shape, inputSpace: Shape, outputSize: Shape, kernel: readonly number[]): OpCase<Spaced> => ({
  inputs: [f32Input([...nc, ...inputSpace])],
  attrs: { inputSpace, outputSize, kernel },
});

const SPACED = [
  spacedCase([1, 2], [7], [4], [2]),
  spacedCase([1, 1], [5], [1], [5]),
  spacedCase([2, 3], [9, 8], [6, 5], [2, 3]),
  spacedCase([1, 1], [6, 5], [1, 5], [2, 1]),
  spacedCase([1, 2], [4, 5, 6], [3, 3, 2], [1, 2, 3]),
];
const spaced = fc
  .array(
    int(1, 4).chain((k) =>
      int(1, 5).chain((out) => fc.record({ k: fc.constant(k), out: fc.constant(out), n: int(out + k - 1, out + k + 5) })),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((axes) =>
    spacedCase(
      [1, 2],
      axes.map((a) => a.n),
      axes.map((a) => a.out),
      axes.map((a) => a.k),
    ),
  );

const samples = (): Tensor => input("samples", [1, 3, 2]);
export const spacedWindows: OpCases<Spaced> = {
  fixed: SPACED,
  random: spaced,
  wrong: {
    "fractionalMaxPool: no size": () => fractionalMaxPool(x(), 2, { samples: samples() }),
    "fractionalMaxPool: two sizes": () => fractionalMaxPool(x(), 2, { samples: samples(), outputSize: 4, outputRatio: 0.5 }),
    "fractionalMaxPool: a ratio of 1": () => fractionalMaxPool(x(), 2, { samples: samples(), outputRatio: 1 }),
    "fractionalMaxPool: nothing left": () => fractionalMaxPool(x(), 2, { samples: samples(), outputRatio: 0.1 }),
    "fractionalMaxPool: more windows than fit": () => fractionalMaxPool(x(), 2, { samples: samples(), outputSize: 8 }),
    "fractionalMaxPool: samples for one axis of two": () => fractionalMaxPool(x(), 2, { samples: input("s", [1, 3, 1]), outputSize: 4 }),
  },
};
export const spacedWindowsGrad: OpCases<Spaced> = {
  fixed: SPACED.map((c) => ({ ...c, inputs: [f32Input(spacedWindowsOp.infer(c.inputs, c.attrs).shape)] })),
  random: spaced.map((c) => ({ ...c, inputs: [f32Input(spacedWindowsOp.infer(c.inputs, c.attrs).shape)] })),
  wrong: {},
};
