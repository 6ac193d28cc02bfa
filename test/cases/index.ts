/** The cases of every op. An op without cases is an error of the compiler, which names it. */
import type { OpName } from "../../src/ops/table.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { conv, convInputGrad, convWeightGrad } from "./conv.ts";
import { abs, detach, exp, log, relu, sigmoid, sqrt, tanh } from "./elementary.ts";
import { maximum, minimum } from "./extremum.ts";
import { matmul } from "./matmul.ts";
import type { OpCases } from "./opCase.ts";
import { pick, place } from "./pick.ts";
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, maxPoolTake, maxPoolWinner } from "./pool.ts";
import { select } from "./select.ts";
import { expand, permute, reshape } from "./shape.ts";
import { argmax, max, sum } from "./sum.ts";
import { toFloat } from "./toFloat.ts";

export const CASES: Readonly<Record<OpName, OpCases>> = {
  abs,
  add,
  argmax,
  avgPool,
  avgPoolGrad,
  conv,
  convInputGrad,
  convWeightGrad,
  detach,
  div,
  exp,
  expand,
  log,
  matmul,
  max,
  maximum,
  maxPool,
  maxPoolGrad,
  maxPoolTake,
  maxPoolWinner,
  minimum,
  mul,
  neg,
  permute,
  pick,
  place,
  relu,
  reshape,
  select,
  sigmoid,
  sqrt,
  sub,
  sum,
  tanh,
  toFloat,
};
