import type { Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import type { CaseReader } from "./caseReader.ts";
import type { Built } from "./opCases.ts";

const affine = (c: CaseReader): ops.NormOptions => ({ weight: c.optional("gamma"), bias: c.optional("beta"), eps: c.number("eps", 1e-5) });

/** batch_norm, in training with the running statistics that it leaves. */
export function batchNorm(c: CaseReader): Tensor | Built {
  c.described("spatial_dims");
  c.described("affine");
  const [x, mean, variance] = [c.input("x"), c.input("running_mean"), c.input("running_var")];
  const momentum = c.number("momentum", 0.1);
  if (!c.flag("training", false)) return ops.batchNorm(x, { mean, variance }, affine(c));
  const batch = ops.batchStatistics(x);
  return {
    outputs: {
      y: ops.batchNorm(x, batch, affine(c)),
      running_mean_out: ops.runningAverage(mean, batch.mean, momentum),
      running_var_out: ops.runningAverage(variance, batch.unbiasedVariance, momentum),
    },
  };
}

export const groupNorm = (c: CaseReader): Tensor => ops.groupNorm(c.input("x"), c.number("groups"), affine(c));
export const instanceNorm = (c: CaseReader): Tensor => ops.instanceNorm(c.input("x"), affine(c));
export const layerNorm = (c: CaseReader): Tensor => ops.layerNorm(c.input("x"), c.numbers("normalized_shape"), affine(c));

export const localResponseNorm = (c: CaseReader): Tensor =>
  ops.localResponseNorm(c.input("x"), c.number("size"), {
    alpha: c.number("alpha", 1e-4),
    beta: c.number("beta", 0.75),
    k: c.number("k", 1),
  });
