import { input, type Tensor } from "../../src/index.ts";
import { detach as detachFn } from "../../src/ops/detach.ts";
import * as ops from "../../src/ops/elementary.ts";
import { relu as reluFn } from "../../src/ops/relu.ts";
import { sign as signFn } from "../../src/ops/sign.ts";
import { pointwiseCases } from "./arbitraries.ts";
import { type Domain, f32Input, type OpCases, SPECIAL } from "./opCase.ts";

/** Cases of a function of one variable. */
export const unary = (fn: (x: Tensor) => Tensor, domain: Domain = "normal"): OpCases<{}> => ({
  fixed: [
    { inputs: [f32Input([], domain)], attrs: {} },
    { inputs: [f32Input([1], domain)], attrs: {} },
    { inputs: [f32Input([17], domain)], attrs: {} },
    { inputs: [f32Input([2, 3, 4, 5], domain)], attrs: {} },
  ],
  random: pointwiseCases(domain),
  special: SPECIAL,
  wrong: { "an integer": () => fn(input("labels", [2], "i32")) },
});

export const exp: OpCases<{}> = unary(ops.exp);
export const log: OpCases<{}> = unary(ops.log, "positive");
export const sqrt: OpCases<{}> = unary(ops.sqrt, "positive");
export const abs: OpCases<{}> = unary(ops.abs, "apart");
export const tanh: OpCases<{}> = unary(ops.tanh);
export const sigmoid: OpCases<{}> = unary(ops.sigmoid);
export const expm1: OpCases<{}> = unary(ops.expm1);
export const sign: OpCases<{}> = unary(signFn, "apart");
export const log1p: OpCases<{}> = unary(ops.log1p, "positive");
export const erf: OpCases<{}> = unary(ops.erf);
export const relu: OpCases<{}> = unary(reluFn, "apart");
export const detach: OpCases<{}> = { ...unary(detachFn), stopsGradient: "it is what stops gradients" };
