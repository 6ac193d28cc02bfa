import type { Elementwise } from "../nn/layers/activation.ts";
import type { BatchNormOptions } from "../nn/layers/batchNorm.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { SqueezeExcitation } from "../nn/layers/squeezeExcitation.ts";
import type { Module } from "../nn/module.ts";
import { type ConvNorm, convNorm } from "./convNorm.ts";

/** Expansion, depthwise convolution, projection. */
export type InvertedBlock<I extends number, M extends number, O extends number> = Sequential<
  [ConvNorm<I, M>, ConvNorm<M, M>, ConvNorm<M, O>]
>;

export interface InvertedBlockOptions {
  /** Of the depthwise convolution. */
  readonly kernel: number;
  /** Of the depthwise convolution. */
  readonly stride: number;
  /** Makes the activation, which comes after the expansion and after the depthwise convolution. */
  readonly activation: () => Elementwise;
  /** Comes before the projection; without it, nothing does. */
  readonly squeeze?: SqueezeExcitation<number> | undefined;
  /** Of all normalisations. */
  readonly norm?: BatchNormOptions;
}

/**
 * `from` channels expanded to more, each convolved by itself, and projected to few again: narrow where blocks meet, wide inside. There
 * is no expansion where it would change nothing, and no activation at the end.
 *
 * Its type leaves out what keeps the shape, and says the expansion also where there is none, because I and M are the same there.
 */
export function invertedBlock<I extends number, M extends number, O extends number>(
  from: I,
  expanded: M,
  to: O,
  options: InvertedBlockOptions,
): InvertedBlock<I, M, O> {
  const { kernel, stride, activation, squeeze, norm = {} } = options;
  const expansion: Module[] = (from as number) === expanded ? [] : [convNorm(from, expanded, 1, activation(), { norm })];
  const layers: Module[] = [
    ...expansion,
    convNorm(expanded, expanded, kernel, activation(), { stride, groups: expanded, norm }),
    ...(squeeze ? [squeeze] : []),
    convNorm(expanded, to, 1, undefined, { norm }),
  ];
  return new Sequential(...layers) as unknown as InvertedBlock<I, M, O>;
}
