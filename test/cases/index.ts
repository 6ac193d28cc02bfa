/** The cases of every op. An op without cases is an error of the compiler, which names it. */
import type { OpName } from "../../src/ops/table.ts";
import {
  elu,
  gelu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  silu,
  softplus,
  softshrink,
  softsign,
  threshold,
} from "./activations.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { bmm } from "./bmm.ts";
import { conv, convInputGrad, convWeightGrad } from "./conv.ts";
import { abs, detach, erf, exp, expm1, log, log1p, relu, sigmoid, sign, sqrt, tanh } from "./elementary.ts";
import { maximum, minimum } from "./extremum.ts";
import { floor } from "./floor.ts";
import { interpolate, interpolateGrad } from "./interpolate.ts";
import { localConv, localConvInputGrad, localConvWeightGrad } from "./localConv.ts";
import { bce } from "./losses.ts";
import { matmul } from "./matmul.ts";
import { channelSum, squaredDeviation, standardize } from "./norm.ts";
import type { OpCases } from "./opCase.ts";
import { extend, extendGrad, pad } from "./pad.ts";
import { pick, place } from "./pick.ts";
import {
  adaptiveSum,
  avgPool,
  avgPoolGrad,
  maxPool,
  maxPoolGrad,
  maxPoolIndices,
  maxPoolTake,
  maxPoolWinner,
  spacedWindows,
  spacedWindowsGrad,
  windows,
  windowsGrad,
} from "./pool.ts";
import { pow } from "./pow.ts";
import { dropout, increment, randomBits, uniform } from "./random.ts";
import { select } from "./select.ts";
import { expand, permute, reshape } from "./shape.ts";
import { concat, roll, slice, spread } from "./slice.ts";
import { argmax, max, sum } from "./sum.ts";
import { filterOutput, filterTransform, tileOutput, tileTransform } from "./tileTransform.ts";
import { toFloat } from "./toFloat.ts";

export const CASES: Readonly<Record<OpName, OpCases>> = {
  abs,
  adaptiveSum,
  add,
  argmax,
  avgPool,
  avgPoolGrad,
  bce,
  bmm,
  channelSum,
  concat,
  conv,
  convInputGrad,
  convWeightGrad,
  detach,
  div,
  dropout,
  elu,
  erf,
  exp,
  expand,
  expm1,
  extend,
  extendGrad,
  floor,
  gelu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  increment,
  interpolate,
  interpolateGrad,
  leakyRelu,
  localConv,
  localConvInputGrad,
  localConvWeightGrad,
  log,
  log1p,
  logSigmoid,
  matmul,
  max,
  maximum,
  maxPool,
  maxPoolGrad,
  maxPoolIndices,
  maxPoolTake,
  maxPoolWinner,
  minimum,
  mish,
  mul,
  neg,
  pad,
  permute,
  pick,
  place,
  pow,
  prelu,
  randomBits,
  relu,
  reshape,
  roll,
  select,
  sigmoid,
  sign,
  silu,
  slice,
  softplus,
  softshrink,
  softsign,
  spacedWindows,
  spacedWindowsGrad,
  spread,
  sqrt,
  squaredDeviation,
  standardize,
  sub,
  sum,
  tanh,
  threshold,
  filterOutput,
  filterTransform,
  tileOutput,
  tileTransform,
  toFloat,
  uniform,
  windows,
  windowsGrad,
};
