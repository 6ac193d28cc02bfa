import type { Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import type { CaseReader } from "./caseReader.ts";
import { Unsupported } from "./status.ts";

function reduction(c: CaseReader): { readonly reduction: ops.Reduction } {
  const name = c.attr("reduction", "mean");
  if (name !== "mean" && name !== "sum" && name !== "none") throw new Unsupported(`reduction ${JSON.stringify(name)} is not known`);
  return { reduction: name };
}

export function crossEntropy(c: CaseReader): Tensor {
  c.described("target");
  c.described("weighted");
  return ops.crossEntropy(c.input("x"), c.input("target"), {
    ...reduction(c),
    weight: c.optional("weight"),
    ignoreIndex: c.number("ignore_index", -100),
    labelSmoothing: c.number("label_smoothing", 0),
  });
}

export const nllLoss = (c: CaseReader): Tensor =>
  ops.nllLoss(c.input("x"), c.input("target"), {
    ...reduction(c),
    weight: c.optional("weight"),
    ignoreIndex: c.number("ignore_index", -100),
  });

export const mseLoss = (c: CaseReader): Tensor => ops.mseLoss(c.input("x"), c.input("target"), reduction(c));

export const smoothL1Loss = (c: CaseReader): Tensor =>
  ops.smoothL1Loss(c.input("x"), c.input("target"), { ...reduction(c), beta: c.number("beta", 1) });

export const huberLoss = (c: CaseReader): Tensor =>
  ops.huberLoss(c.input("x"), c.input("target"), { ...reduction(c), delta: c.number("delta", 1) });

export const bceWithLogits = (c: CaseReader): Tensor =>
  ops.bceWithLogits(c.input("x"), c.input("target"), {
    ...reduction(c),
    weight: c.optional("weight"),
    posWeight: c.optional("pos_weight"),
  });
