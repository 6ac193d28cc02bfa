/** What a network would save if its kernels were columns times rows, or depthwise-separable, and what that would lose. */
import type { Shape } from "../../base/shape.ts";
import { input } from "../../ir/tensor.ts";
import { Conv2d } from "../../nn/layers/conv.ts";
import type { Module } from "../../nn/module.ts";
import type { InputOf } from "../../nn/network.ts";
import { tracedLayers } from "../tracedLayers.ts";
import { singularValues } from "./singularValues.ts";

/** A way to compute a layer, or to come close to it. */
export interface Replacement {
  /** For one input. */
  readonly multiplyAdds: number;
  /** Without biases. */
  readonly weights: number;
  /** What it leaves of the weights at best, as a share of their length as one vector: 0 if it is exact. */
  readonly error: number;
}

/** One convolution of a network. */
export interface SeparableRow {
  readonly path: string;
  /** [height, width] of its kernels, each of which is a plane for one input and one output channel. */
  readonly kernel: readonly [height: number, width: number];
  /** How many planes there are, and how many of them are a column times a row. */
  readonly planes: number;
  readonly separablePlanes: number;
  /** As it is. */
  readonly multiplyAdds: number;
  readonly weights: number;
  /** byRank[r - 1]: every plane as a sum of r columns times rows. */
  readonly byRank: readonly Replacement[];
  /** One plane for each input channel, then 1 x 1 across channels; undefined where the layer is depthwise already. */
  readonly depthwise: Replacement | undefined;
}

/** All convolutions with kernels of more than one row and column. */
export interface SeparableSavings {
  readonly rows: readonly SeparableRow[];
  /** Multiply-adds of these layers as they are, with columns times rows (rank 1), and depthwise-separable where that is possible. */
  readonly totals: { readonly multiplyAdds: number; readonly separable: number; readonly depthwise: number };
}

/**
 * For each two-dimensional convolution of a network on inputs of `shape` (without the batch): how many of its learned planes are a column
 * times a row to within `tolerance`, what two passes would cost, what the best planes of each rank lose, and the same for a
 * depthwise-separable layer. The replacement is never better than `error` says; how much of it a network minds is for training to tell.
 */
export function separableSavings<M extends Module, const S extends Shape>(
  model: M,
  shape: InputOf<M, S>,
  tolerance = 1e-6,
): SeparableSavings {
  const { layers } = tracedLayers(model, input("x", [1, ...(shape as Shape)]));
  const rows = layers.flatMap(({ path, module: conv, output }): SeparableRow[] => {
    if (!(conv instanceof Conv2d) || conv.window.kernel.some((k) => k === 1)) return [];
    return [rowOf(path, conv as unknown as Conv2d<number, number, number>, output.shape.slice(2), tolerance)];
  });
  const total = (of: (row: SeparableRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    rows,
    totals: {
      multiplyAdds: total((r) => r.multiplyAdds),
      separable: total((r) => r.byRank[0]!.multiplyAdds),
      depthwise: total((r) => r.depthwise?.multiplyAdds ?? r.multiplyAdds),
    },
  };
}

function rowOf(path: string, conv: Conv2d<number, number, number>, outSpace: Shape, tolerance: number): SeparableRow {
  const weight = conv.weight.read();
  const [filters, perGroup, kh, kw] = weight.shape as [number, number, number, number];
  const [planes, taps, places] = [filters * perGroup, kh * kw, outSpace[0]! * outSpace[1]!];
  const planeOf = (i: number): ArrayLike<number> => weight.data.subarray(i * taps, (i + 1) * taps);
  const values = Array.from({ length: planes }, (_, i) => singularValues(planeOf(i), kh, kw));
  const passes = passCost(conv, outSpace);
  const byRank = Array.from({ length: Math.min(kh, kw) }, (_, r): Replacement => {
    return { multiplyAdds: (r + 1) * planes * passes, weights: (r + 1) * planes * (kh + kw), error: leftOf(values, r + 1) };
  });
  return {
    path,
    kernel: [kh, kw],
    planes,
    separablePlanes: values.filter((s) => !(s[1]! > tolerance * s[0]!)).length,
    multiplyAdds: planes * taps * places,
    weights: planes * taps,
    byRank,
    depthwise: perGroup === 1 ? undefined : depthwiseOf(weight.data, conv.groups, [filters, perGroup, taps], places),
  };
}

/** Multiply-adds of a column and a row over one plane, in the cheaper order: the first pass is over all the rows or columns that the second reads. */
function passCost({ window: { kernel, stride, dilation } }: Conv2d<number, number, number>, [height, width]: Shape): number {
  const span = (n: number, d: number): number => (n - 1) * stride[d]! + dilation[d]! * (kernel[d]! - 1) + 1;
  const second = (d: number): number => height! * width! * kernel[d]!;
  return Math.min(height! * span(width!, 1) * kernel[0]! + second(1), span(height!, 0) * width! * kernel[1]! + second(0));
}

/** For each input channel, all planes that read it are multiples of one: the best one, by the rank-1 part of [outputs, taps]. */
function depthwiseOf(
  weight: ArrayLike<number>,
  groups: number,
  [filters, perGroup, taps]: readonly [number, number, number],
  places: number,
): Replacement {
  const [channels, outputs] = [groups * perGroup, filters / groups];
  const values = Array.from({ length: channels }, (_, channel) => {
    const [group, c] = [Math.floor(channel / perGroup), channel % perGroup];
    const rows = Float64Array.from({ length: outputs * taps }, (_, i) => {
      const o = group * outputs + Math.floor(i / taps);
      return weight[(o * perGroup + c) * taps + (i % taps)]!;
    });
    return singularValues(rows, outputs, taps);
  });
  const weights = channels * taps + filters * perGroup;
  return { multiplyAdds: weights * places, weights, error: leftOf(values, 1) };
}

/** What matrices with these singular values keep beyond rank r, as a share of all. */
function leftOf(values: readonly Float64Array[], r: number): number {
  const energy = (s: Float64Array): number => s.reduce((sum, x) => sum + x * x, 0);
  const all = values.reduce((sum, s) => sum + energy(s), 0);
  return all === 0 ? 0 : Math.sqrt(values.reduce((sum, s) => sum + energy(s.subarray(r)), 0) / all);
}
