import fc from "fast-check";
import { input, type Tensor } from "../../src/index.ts";
import type { Attrs } from "../../src/ir/op.ts";
import * as elus from "../../src/ops/elu.ts";
import { type GeluApproximation, gelu as geluFn } from "../../src/ops/gelu.ts";
import * as hard from "../../src/ops/hard.ts";
import * as leaky from "../../src/ops/leakyRelu.ts";
import { mish as mishFn } from "../../src/ops/mish.ts";
import * as shrink from "../../src/ops/shrink.ts";
import { silu as siluFn } from "../../src/ops/silu.ts";
import * as soft from "../../src/ops/softplus.ts";
import { softsign as softsignFn } from "../../src/ops/softsign.ts";
import { threshold as thresholdFn } from "../../src/ops/threshold.ts";
import { pointwiseCases } from "./arbitraries.ts";
import { unary } from "./elementary.ts";
import { type Domain, f32Input, type OpCases, SPECIAL } from "./opCase.ts";

/**
 * Cases of a function of one variable with settings: `settings` are the corners, each with a small shape. They are exact in f32,
 * as constants of kernels are.
 */
function withSettings<A extends Attrs>(domain: Domain, settings: readonly A[], wrong: OpCases["wrong"] = {}): OpCases<A> {
  return {
    fixed: settings.flatMap((attrs) => [
      { inputs: [f32Input([17], domain)], attrs },
      { inputs: [f32Input([2, 3, 4, 5], domain)], attrs },
    ]),
    random: fc.tuple(fc.constantFrom(...settings), pointwiseCases(domain)).map(([attrs, { inputs }]) => ({ inputs, attrs })),
    special: SPECIAL,
    wrong,
  };
}

const integers = (fn: (x: Tensor) => Tensor): OpCases["wrong"] => ({ "an integer": () => fn(input("labels", [2], "i32")) });

export const leakyRelu: OpCases<{ readonly slope: number }> = withSettings(
  "wide",
  [{ slope: 1 / 128 }, { slope: 0.5 }, { slope: 0 }, { slope: -1 }],
  integers(leaky.leakyRelu),
);

export const prelu: OpCases<{}> = {
  fixed: [
    { inputs: [f32Input([7], "apart"), f32Input([])], attrs: {} },
    { inputs: [f32Input([2, 3, 4, 5], "apart"), f32Input([3, 1, 1])], attrs: {} },
    { inputs: [f32Input([2, 3], "apart"), f32Input([3])], attrs: {} },
  ],
  random: pointwiseCases("apart", "normal"),
  special: SPECIAL,
  wrong: {
    "weights that do not fit the channels": () => leaky.prelu(input("x", [2, 3, 4]), input("w", [4])),
    "a weight for each element": () => leaky.prelu(input("x", [2, 3]), input("w", [2, 3])),
    "weights for a single channel": () => leaky.prelu(input("x", [3]), input("w", [3])),
  },
};

export const elu: OpCases<{ readonly alpha: number; readonly scale: number; readonly inputScale: number }> = withSettings(
  "wide",
  [
    { alpha: 1, scale: 1, inputScale: 1 },
    { alpha: 1.25, scale: 1, inputScale: 1 },
    { alpha: 1.625, scale: 1.0625, inputScale: 1 },
    { alpha: 2, scale: 1, inputScale: 0.5 },
  ],
  { "celu: alpha 0": () => elus.celu(input("x", [2]), 0) },
);

export const gelu: OpCases<{ readonly approximate: GeluApproximation }> = {
  ...withSettings("normal", [{ approximate: "none" }, { approximate: "tanh" }] as const, integers(geluFn)),
  // 1 + erf cancels on the negative side: at -2 one rounding of erf is 22 of the sum. Constants are rounded too.
  roundings: 64,
};

export const silu: OpCases<{}> = unary(siluFn, "wide");
export const mish: OpCases<{}> = unary(mishFn, "wide");
export const softsign: OpCases<{}> = unary(softsignFn, "wide");
export const logSigmoid: OpCases<{}> = unary(soft.logSigmoid, "wide");

export const softplus: OpCases<{ readonly beta: number; readonly threshold: number }> = withSettings(
  "normal",
  [
    { beta: 1, threshold: 20 },
    { beta: 1.5, threshold: 20 },
    { beta: -2, threshold: 20 },
    { beta: 1, threshold: -20 },
  ],
  { "beta 0": () => soft.softplus(input("x", [2]), 0), ...integers(soft.softplus) },
);

export const hardtanh: OpCases<{ readonly min: number; readonly max: number }> = withSettings(
  "wide",
  [
    { min: -1, max: 1 },
    { min: 0, max: 6 },
    { min: -1.5, max: 0.5 },
  ],
  { "bounds in the wrong order": () => hard.hardtanh(input("x", [2]), 1, -1) },
);
export const hardsigmoid: OpCases<{}> = unary(hard.hardsigmoid, "wide");
export const hardswish: OpCases<{}> = unary(hard.hardswish, "wide");

const LAMBDAS = [{ lambda: 0.5 }, { lambda: 2 }, { lambda: 0 }] as const;
export const hardshrink: OpCases<{ readonly lambda: number }> = withSettings("wide", LAMBDAS, integers(shrink.hardshrink));
export const softshrink: OpCases<{ readonly lambda: number }> = withSettings("wide", LAMBDAS, {
  "a negative lambda": () => shrink.softshrink(input("x", [2]), -1),
});

export const threshold: OpCases<{ readonly threshold: number; readonly value: number }> = withSettings(
  "wide",
  [
    { threshold: 0.5, value: -7 },
    { threshold: -2, value: 0 },
  ],
  integers((x) => thresholdFn(x, 0, 0)),
);
