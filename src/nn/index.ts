/** fovea/nn: layers and what networks are made of. */

export type { Child } from "./children.ts";
export { forwardFrom } from "./forwardFrom.ts";
export {
  type Fan,
  fanInInit,
  kaimingNormalInit,
  kaimingUniformInit,
  normalInit,
  truncatedNormalInit,
  uniformInit,
  xavierNormalInit,
  xavierUniformInit,
} from "./init.ts";
export { initWeights } from "./initWeights.ts";
export { Layer } from "./layer.ts";
export { Elementwise, Identity, ReLU, Sigmoid, Tanh } from "./layers/activation.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  GlobalAvgPool,
  GlobalMaxPool,
} from "./layers/adaptivePool.ts";
export { Auxiliary, type AuxiliaryOptions } from "./layers/auxiliary.ts";
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormOptions } from "./layers/batchNorm.ts";
export { ChannelSlice } from "./layers/channelSlice.ts";
export { Concat } from "./layers/concat.ts";
export { Conv1d, Conv2d, Conv3d } from "./layers/conv.ts";
export { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./layers/convTranspose.ts";
export { AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout, RandomLayer } from "./layers/dropout.ts";
export { Embedding } from "./layers/embedding.ts";
export { Flatten } from "./layers/flatten.ts";
export { FractionalMaxPool2d, FractionalMaxPool3d } from "./layers/fractionalMaxPool.ts";
export { GLU } from "./layers/glu.ts";
export { GroupNorm, type GroupNormOptions } from "./layers/groupNorm.ts";
export { Hardshrink, Hardsigmoid, Hardswish, Hardtanh, Softshrink, Threshold } from "./layers/hardActivations.ts";
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, type InstanceNormOptions } from "./layers/instanceNorm.ts";
export { LayerNorm, type LayerNormOptions } from "./layers/layerNorm.ts";
export { Linear } from "./layers/linear.ts";
export { LocallyConnected1d, LocallyConnected2d } from "./layers/locallyConnected.ts";
export { LocalResponseNorm } from "./layers/localResponseNorm.ts";
export { MaxUnpool1d, MaxUnpool2d, MaxUnpool3d } from "./layers/maxUnpool.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "./layers/pad.ts";
export { type MapTable, PartialConv2d } from "./layers/partialConv.ts";
export { Permute } from "./layers/permute.ts";
export {
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  LPPool1d,
  LPPool2d,
  LPPool3d,
  type Maxima,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
} from "./layers/pool.ts";
export { RadialBasis } from "./layers/radialBasis.ts";
export { CELU, ELU, LeakyReLU, PReLU, ReLU6, RReLU, SELU } from "./layers/rectifiers.ts";
export { Residual } from "./layers/residual.ts";
export { Sequential } from "./layers/sequential.ts";
export { ChannelShuffle, PixelShuffle, PixelUnshuffle } from "./layers/shuffle.ts";
export { GELU, LogSigmoid, Mish, SiLU, Softplus, Softsign, Tanhshrink } from "./layers/smoothActivations.ts";
export { LogSoftmax, Softmax, Softmin } from "./layers/softmax.ts";
export { SqueezeExcitation, type SqueezeExcitationOptions } from "./layers/squeezeExcitation.ts";
export { StochasticDepth, type StochasticDepthMode } from "./layers/stochasticDepth.ts";
export { Subsampling2d } from "./layers/subsampling.ts";
export { Fold, Unfold } from "./layers/unfold.ts";
export { Upsample } from "./layers/upsample.ts";
export { Module } from "./module.ts";
export type { BadClassifier, InputOf, Network } from "./network.ts";
export type { Unless } from "./shapes/message.ts";
export { Misfit } from "./shapes/message.ts";
export type { PartialShape, Same, Shape, ShapeFn } from "./shapes/shape.ts";
