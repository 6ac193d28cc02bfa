/**
 * How each golden op is said in Fovea: a function of the library, called with the case's attributes. What the library does
 * not have is a sentence, and its cases are unsupported; nothing is rebuilt here out of smaller ops.
 */
import type { NdArray, Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import type { CaseReader } from "./caseReader.ts";
import { convolution, transposedConvolution } from "./convCases.ts";
import { adaptiveAvgPool, adaptiveMaxPool, avgPool, globalAvgPool, globalMaxPool, maxPool } from "./poolCases.ts";
import { Unsupported } from "./status.ts";

/** What a case gives. */
export interface Built {
  /** By golden output name; `y` is the one that is differentiated. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Turns an output as it was computed into what the golden file holds. */
  readonly finish?: Readonly<Record<string, (computed: NdArray) => NdArray>> | undefined;
}

export type OpCase = (c: CaseReader) => Tensor | Built;

const unary =
  (fn: (x: Tensor) => Tensor): OpCase =>
  (c) =>
    fn(c.input("x"));

const noActivation = "this activation does not exist yet";
const noPadding = "padding as an operation does not exist yet";
const noNorm = "this normalisation does not exist yet";
const noLoss = "this loss does not exist yet";

/** Every op that a golden manifest may name, as the golden README lists them; `optimizer` runs step by step, in its own file. */
export const OP_CASES: Readonly<Record<string, OpCase | string>> = {
  adaptive_avg_pool1d: adaptiveAvgPool,
  adaptive_avg_pool2d: adaptiveAvgPool,
  adaptive_avg_pool3d: adaptiveAvgPool,
  adaptive_max_pool1d: adaptiveMaxPool,
  adaptive_max_pool2d: adaptiveMaxPool,
  adaptive_max_pool3d: adaptiveMaxPool,
  avg_pool1d: avgPool,
  avg_pool2d: avgPool,
  avg_pool3d: avgPool,
  batch_norm: noNorm,
  bce_with_logits: noLoss,
  celu: noActivation,
  channel_shuffle: "channel shuffle does not exist yet",
  conv1d: convolution,
  conv2d: convolution,
  conv3d: convolution,
  conv_transpose1d: transposedConvolution,
  conv_transpose2d: transposedConvolution,
  conv_transpose3d: transposedConvolution,
  cross_entropy(c) {
    c.only("reduction", "mean");
    c.only("label_smoothing", 0);
    c.only("target", "indices");
    c.only("weighted", false);
    const ignored = c.attr("ignore_index", -100);
    const target = c.input("target");
    // Until labels can be ignored: such a case is one of ours only if no label is.
    if (c.arrays.target?.data.includes(ignored as number)) throw new Unsupported(`ignore_index ${ignored} is not supported yet`);
    return ops.crossEntropy(c.input("x"), target);
  },
  elu: noActivation,
  fold: "fold does not exist yet",
  gelu: noActivation,
  gelu_tanh: noActivation,
  global_avg_pool: globalAvgPool,
  global_max_pool: globalMaxPool,
  group_norm: noNorm,
  hardsigmoid: noActivation,
  hardswish: noActivation,
  hardtanh: noActivation,
  huber_loss: noLoss,
  instance_norm: noNorm,
  interpolate2d: "interpolation does not exist yet",
  layer_norm: noNorm,
  leaky_relu: noActivation,
  linear: (c) => ops.linear(c.input("x"), c.input("w"), c.optional("b")),
  local_response_norm: noNorm,
  log_softmax: (c) => ops.logSoftmax(c.input("x"), c.number("dim")),
  lp_pool1d: "power-average pooling does not exist yet",
  lp_pool2d: "power-average pooling does not exist yet",
  lr_schedule: "learning-rate schedules do not exist yet",
  max_pool1d: maxPool,
  max_pool2d: maxPool,
  max_pool3d: maxPool,
  max_unpool2d: "max unpooling does not exist yet",
  mish: noActivation,
  mse_loss(c) {
    c.only("reduction", "mean");
    return ops.mseLoss(c.input("x"), c.input("target"));
  },
  nll_loss: noLoss,
  pad1d: noPadding,
  pad2d: noPadding,
  pad3d: noPadding,
  pixel_shuffle: "pixel shuffle does not exist yet",
  prelu: noActivation,
  relu: unary(ops.relu),
  relu6: noActivation,
  selu: noActivation,
  sigmoid: unary(ops.sigmoid),
  silu: noActivation,
  smooth_l1_loss: noLoss,
  softmax: (c) => ops.softmax(c.input("x"), c.number("dim")),
  softplus: noActivation,
  softsign: noActivation,
  tanh: unary(ops.tanh),
  unfold: "unfold does not exist yet",
};
