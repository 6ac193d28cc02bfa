import type { Elementwise } from "../nn/layers/activation.ts";
import { BatchNorm2d, type BatchNormOptions } from "../nn/layers/batchNorm.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Module } from "../nn/module.ts";

/** Convolution, normalisation and perhaps an activation, which keeps the shape and so is not in the type. */
export type ConvNorm<I extends number, O extends number> = Sequential<[Conv2d<I, O, number, number, number>, BatchNorm2d<O>]>;

export interface ConvNormOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Default 1. */
  readonly groups?: number;
  /** Of the normalisation. */
  readonly norm?: BatchNormOptions;
}

/**
 * Convolution without bias, padded so that stride 1 keeps the size, batch normalisation and, if there is one, the activation.
 * torchvision's Conv2dNormActivation, which the mobile networks consist of.
 */
export function convNorm<I extends number, O extends number>(
  from: I,
  to: O,
  kernelSize: number,
  activation: Elementwise | undefined,
  options: ConvNormOptions = {},
): ConvNorm<I, O> {
  const { stride = 1, groups = 1, norm = {} } = options;
  const layers: Module[] = [
    new Conv2d(from, to, kernelSize, { stride, groups, padding: (kernelSize - 1) / 2, bias: false }),
    new BatchNorm2d(to, norm),
  ];
  return new Sequential(...layers, ...(activation ? [activation] : [])) as unknown as ConvNorm<I, O>;
}
