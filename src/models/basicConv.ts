import { ReLU } from "../nn/layers/activation.ts";
import { BatchNorm2d } from "../nn/layers/batchNorm.ts";
import { Conv2d, type Size2 } from "../nn/layers/conv.ts";
import { Sequential } from "../nn/layers/sequential.ts";

/** The unit of the Inception networks. */
export type BasicConv<I extends number, O extends number> = Sequential<
  [readonly ["conv", Conv2d<I, O, Size2, Size2, Size2>], readonly ["bn", BatchNorm2d<O>], readonly ["relu", ReLU]]
>;

export interface BasicConvOptions {
  /** Default 1. */
  readonly stride?: Size2;
  /** On both sides. Default 0. */
  readonly padding?: Size2;
}

/** Convolution without bias, batch normalisation with eps 0.001, ReLU. torchvision's BasicConv2d. */
export function basicConv<I extends number, O extends number>(
  from: I,
  to: O,
  kernelSize: Size2,
  options: BasicConvOptions = {},
): BasicConv<I, O> {
  const { stride = 1, padding = 0 } = options;
  return new Sequential(
    ["conv", new Conv2d<I, O, Size2, Size2, Size2>(from, to, kernelSize, { stride, padding, bias: false })],
    ["bn", new BatchNorm2d(to, { eps: 0.001 })],
    ["relu", new ReLU()],
  );
}
