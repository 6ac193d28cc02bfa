/**
 * How each golden op is said in Fovea: a function of the library, called with the case's attributes. What the library does
 * not have is a sentence, and its cases are unsupported; nothing is rebuilt here out of smaller ops.
 */
import type { NdArray, Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import * as activations from "./activationCases.ts";
import type { CaseReader } from "./caseReader.ts";
import { convolution, transposedConvolution } from "./convCases.ts";
import * as losses from "./lossCases.ts";
import * as moves from "./moveCases.ts";
import * as norms from "./normCases.ts";
import { adaptiveAvgPool, adaptiveMaxPool, avgPool, globalAvgPool, globalMaxPool, lpPool, maxPool, maxUnpool } from "./poolCases.ts";

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

/** Every op that a golden manifest may name, as the golden README lists them; `optimizer` and `lr_schedule` are no ops and have files of their own. */
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
  batch_norm: norms.batchNorm,
  bce_with_logits: losses.bceWithLogits,
  celu: activations.celu,
  channel_shuffle: moves.channelShuffling,
  conv1d: convolution,
  conv2d: convolution,
  conv3d: convolution,
  conv_transpose1d: transposedConvolution,
  conv_transpose2d: transposedConvolution,
  conv_transpose3d: transposedConvolution,
  cross_entropy: losses.crossEntropy,
  elu: activations.elu,
  fold: moves.folding,
  gelu: activations.gelu,
  gelu_tanh: activations.gelu,
  global_avg_pool: globalAvgPool,
  global_max_pool: globalMaxPool,
  group_norm: norms.groupNorm,
  hardsigmoid: unary(ops.hardsigmoid),
  hardswish: unary(ops.hardswish),
  hardtanh: activations.hardtanh,
  huber_loss: losses.huberLoss,
  instance_norm: norms.instanceNorm,
  interpolate2d: moves.interpolation,
  layer_norm: norms.layerNorm,
  leaky_relu: activations.leakyRelu,
  linear: (c) => ops.linear(c.input("x"), c.input("w"), c.optional("b")),
  local_response_norm: norms.localResponseNorm,
  log_softmax: (c) => ops.logSoftmax(c.input("x"), c.number("dim")),
  lp_pool1d: lpPool,
  lp_pool2d: lpPool,
  max_pool1d: maxPool,
  max_pool2d: maxPool,
  max_pool3d: maxPool,
  max_unpool2d: maxUnpool,
  mish: unary(ops.mish),
  mse_loss: losses.mseLoss,
  nll_loss: losses.nllLoss,
  pad1d: moves.padding,
  pad2d: moves.padding,
  pad3d: moves.padding,
  pixel_shuffle: moves.pixelShuffling,
  prelu: activations.prelu,
  relu: unary(ops.relu),
  relu6: unary(ops.relu6),
  selu: unary(ops.selu),
  sigmoid: unary(ops.sigmoid),
  silu: unary(ops.silu),
  smooth_l1_loss: losses.smoothL1Loss,
  softmax: (c) => ops.softmax(c.input("x"), c.number("dim")),
  softplus: activations.softplus,
  softsign: unary(ops.softsign),
  tanh: unary(ops.tanh),
  unfold: moves.unfolding,
};
