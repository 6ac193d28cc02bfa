import type { DType } from "../../base/dtype.ts";
import { type Shape, showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { input } from "../../ir/tensor.ts";
import type { Module } from "../../nn/module.ts";
import type { InputOf } from "../../nn/network.ts";
import { layerAt, tracedLayers } from "../tracedLayers.ts";
import { pixelsSeen } from "./pixelsSeen.ts";

/** What one unit sees of the image: one entry for each spatial axis, within the image. */
export interface UnitField {
  /** The first pixel. */
  readonly start: readonly number[];
  /** The one after the last. Equal to `start` where the unit sees nothing of the image. */
  readonly end: readonly number[];
  /** The pixels in between that are seen: with dilation or strides some may not be. */
  readonly pixels: readonly (readonly number[])[];
}

/**
 * What the unit at place `unit` of a layer sees of inputs of `shape` (without the batch), clipped to the image: a box to draw over it.
 *
 *     const { start, end } = fieldOf(model, [1, 28, 28], "features.3", [2, 5]);
 *
 * `unit` is its place along the spatial axes of the layer's output; all channels there count together. Where units have no place in space
 * (a linear layer's, a global pool's), leave it empty. Unlike `receptiveField` it knows the edges: what is reflected, cut off or skipped.
 * `dtype` is "i32" for tokens [length]. Throws an OpError if there is no such layer or unit.
 */
export function fieldOf<M extends Module, const S extends Shape>(
  model: M,
  shape: InputOf<M, S>,
  layer: string,
  unit: readonly number[],
  options: { readonly dtype?: DType } = {},
): UnitField {
  const x = input("x", [1, ...(shape as Shape)], options.dtype);
  const { output } = layerAt("fieldOf", tracedLayers(model, x), layer);
  const seen = pixelsSeen([output], x).get(output);
  const space = output.shape.slice(2);
  const hasPlace = seen?.some((s) => s?.axis !== undefined && s.axis >= 2) ?? false;
  const fits = unit.length === space.length && unit.every((i, d) => Number.isInteger(i) && i >= 0 && i < space[d]!);
  if (!fits && (hasPlace || unit.length > 0)) {
    throw new OpError("fieldOf", `unit must be a place in ${showShape(space)}, the space of layer "${layer}", got ${showShape(unit)}`);
  }
  const pixels = (seen ?? []).map((s) => {
    const own = s?.axis === undefined ? s?.units[0] : placed(s.units, unit[s.axis - 2]);
    return own ? [...own].flatMap((is, i) => (is ? [i] : [])) : [];
  });
  const sees = pixels.length > 0 && pixels.every((p) => p.length > 0);
  return {
    start: pixels.map((p) => (sees ? p[0]! : 0)),
    end: pixels.map((p) => (sees ? p.at(-1)! + 1 : 0)),
    pixels: sees ? pixels : pixels.map(() => []),
  };
}

/** What the unit at `at` sees; without a place, what all of them see. */
function placed(units: readonly Uint8Array[], at: number | undefined): Uint8Array | undefined {
  if (at !== undefined) return units[at];
  const all = units[0]?.slice();
  for (const unit of units) for (let i = 0; i < unit.length; i++) if (unit[i]) all![i] = 1;
  return all;
}
