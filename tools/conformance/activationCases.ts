import type { Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import type { CaseReader } from "./caseReader.ts";
import { Unsupported } from "./status.ts";

export const leakyRelu = (c: CaseReader): Tensor => ops.leakyRelu(c.input("x"), c.number("slope", 0.01));
export const prelu = (c: CaseReader): Tensor => ops.prelu(c.input("x"), c.input("a"));
export const elu = (c: CaseReader): Tensor => ops.elu(c.input("x"), c.number("alpha", 1));
export const celu = (c: CaseReader): Tensor => ops.celu(c.input("x"), c.number("alpha", 1));
export const hardtanh = (c: CaseReader): Tensor => ops.hardtanh(c.input("x"), c.number("min", -1), c.number("max", 1));
export const softplus = (c: CaseReader): Tensor => ops.softplus(c.input("x"), c.number("beta", 1), c.number("threshold", 20));

/** gelu and gelu_tanh. */
export function gelu(c: CaseReader): Tensor {
  const approximate = c.attr("approximate", "none");
  if (approximate !== "none" && approximate !== "tanh") throw new Unsupported(`approximate ${JSON.stringify(approximate)} is not known`);
  return ops.gelu(c.input("x"), { approximate });
}
