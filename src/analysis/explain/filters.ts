import { NdArray } from "../../base/ndarray.ts";
import { Parameter } from "../../ir/state.ts";
import type { Module } from "../../nn/module.ts";
import { findLayer } from "../findLayer.ts";

export interface FiltersOptions {
  /** What gets the full size of 1: the largest weight of the layer, or of each filter by itself. Default "layer". */
  readonly scale?: "layer" | "filter";
}

/** The kernels of a layer. */
export interface FilterBank {
  readonly path: string;
  /** As the layer has them: [out, in / groups, ...kernel]; of transposed convolutions [in, out / groups, ...kernel]. */
  readonly weight: NdArray<"f32">;
  /** The same between -1 and 1, where 0 stays 0: for looking at. */
  readonly view: NdArray<"f32">;
  /** What each filter of `view` has been divided by, [shape[0]]. */
  readonly scales: NdArray<"f32">;
}

/**
 * The kernels of the convolution at `layer`, or of the first one. A convolution is what has a weight with kernel axes, whatever its class.
 * Throws an OpError that names the convolutions if there is none at `layer`.
 */
export function filters(model: Module, layer?: string, { scale = "layer" }: FiltersOptions = {}): FilterBank {
  const found = convolutions(model);
  const path = layer ?? found.keys().next().value ?? "";
  const weight = findLayer("filters", path, found, "convolution").read() as NdArray<"f32">;
  const filters = weight.shape[0]!;
  const size = weight.data.length / filters;
  const all = largest(weight.data);
  const scales = new NdArray("f32", [filters]);
  const view = weight.clone();
  for (let o = 0; o < filters; o++) {
    const part = view.data.subarray(o * size, (o + 1) * size);
    // Weights that are all zero stay so.
    scales.data[o] = (scale === "layer" ? all : largest(part)) || 1;
    for (let i = 0; i < size; i++) part[i]! /= scales.data[o]!;
  }
  return { path, weight, view, scales };
}

/** Weights with kernel axes, by the path of their layer. */
export function convolutions(model: Module): ReadonlyMap<string, Parameter> {
  const found = new Map<string, Parameter>();
  for (const [path, module] of model.namedModules()) {
    for (const [name, state] of module.namedChildren()) {
      // [out, in, ...kernel], with 1 to 3 axes of kernel. An unshared convolution has its places before those, which makes more.
      if (name === "weight" && state instanceof Parameter && state.shape.length >= 3 && state.shape.length <= 5) found.set(path, state);
    }
  }
  return found;
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
