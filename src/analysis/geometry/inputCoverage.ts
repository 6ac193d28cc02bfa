/** How often a whole network looks at each pixel. */
import { NdArray } from "../../base/ndarray.ts";
import { type Shape, sizeOf, stridesOf } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { input } from "../../ir/tensor.ts";
import type { Module } from "../../nn/module.ts";
import type { InputOf } from "../../nn/network.ts";
import { pixelsSeen, type SeenAlong } from "../receptiveField/pixelsSeen.ts";
import { layerAt, tracedLayers } from "../tracedLayers.ts";

/** How many units of a layer see each pixel of the input. */
export interface InputCoverage {
  /** Path of the layer. */
  readonly layer: string;
  /** Places of units in the layer's output; its channels count together. */
  readonly units: number;
  /** For each pixel [...space], how many of them see it. */
  readonly counts: NdArray<"i32">;
  /** The fewest and the most units that see a pixel. */
  readonly range: readonly [fewest: number, most: number];
  /** Pixels that no unit sees, as places [...space]: what strides have skipped, or crops cut off. */
  readonly skipped: readonly (readonly number[])[];
}

/**
 * How many units of a layer have each pixel of an input of `shape` (without the batch) in what they see, padding and edges and all. By default
 * the layer is the network itself. Of one convolution it is what `coverage` says of its window. Throws an OpError if there is no such layer,
 * or if its units see nothing of the input's space.
 *
 *     inputCoverage(model, [1, 28, 28], { layer: "features.3" }).skipped.length
 */
export function inputCoverage<M extends Module, const S extends Shape>(
  model: M,
  shape: InputOf<M, S>,
  options: { readonly layer?: string } = {},
): InputCoverage {
  const x = input("x", [1, ...(shape as Shape)]);
  const { path, output } = layerAt("inputCoverage", tracedLayers(model, x), options.layer ?? "");
  const seen = (pixelsSeen([output], x).get(output) ?? []).flatMap((s) => s ?? []);
  const space = seen.map((s) => s.units[0]!.length);
  if (seen.length === 0) throw new OpError("inputCoverage", `layer "${path}" sees nothing of the space of its input`);
  const outSpace = output.shape.slice(2);
  const along = seen.map((s, d) => countsAlong(s, space[d]!, outSpace[d] ?? 1));
  const strides = stridesOf(space);
  const counts = new NdArray("i32", space);
  const skipped: number[][] = [];
  for (let i = 0; i < sizeOf(space); i++) {
    const place = space.map((n, d) => Math.floor(i / strides[d]!) % n);
    counts.data[i] = place.reduce((product, p, d) => product * along[d]![p]!, 1);
    if (counts.data[i] === 0) skipped.push(place);
  }
  const range = [counts.data.reduce((a, b) => Math.min(a, b)), counts.data.reduce((a, b) => Math.max(a, b))] as const;
  return { layer: path, units: sizeOf(outSpace), counts, range, skipped };
}

/** How many of the units along one axis see each of its `n` pixels; all or none of `units` where they see the same. */
function countsAlong({ axis, units: seen }: SeenAlong, n: number, units: number): number[] {
  const each = axis === undefined ? units : 1;
  return Array.from({ length: n }, (_, p) => seen.reduce((count, u) => count + u[p]! * each, 0));
}
