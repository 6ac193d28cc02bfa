import type { DType } from "../../base/dtype.ts";
import type { Shape } from "../../base/shape.ts";
import { input } from "../../ir/tensor.ts";
import type { Mode } from "../../ir/trace.ts";
import type { Module } from "../../nn/module.ts";
import type { InputOf } from "../../nn/network.ts";
import { inTreeOrder, layerAt, tracedLayers } from "../tracedLayers.ts";
import { type ReceptiveField, receptiveFields } from "./receptiveFields.ts";

/** A module and what its units see of the input. */
export interface ReceptiveFieldRow {
  /** From the root, which is "". */
  readonly path: string;
  /** The module's class. */
  readonly type: string;
  /** Shape of its output without the batch. */
  readonly output: Shape;
  /** Undefined where units have no place in space (a flattened image), or see nothing of the input. */
  readonly field: ReceptiveField | undefined;
}

export interface ReceptiveFieldOptions {
  /** The path of the one layer that is asked for. Default: all. */
  readonly layer?: string;
  /** Default "eval". In "train", batch norms see all of space. */
  readonly mode?: Mode;
  /** Type of the input's elements: "i32" for tokens [length]. Default "f32". */
  readonly dtype?: DType;
}

/**
 * The receptive field of the units of every module: one row for each that gives a tensor, parents before their parts.
 *
 *     for (const { path, field } of receptiveField(model, [3, 224, 224])) console.log(path, field?.size, field?.stride);
 *
 * `shape` is that of one input, without the batch. The network is traced, nothing runs. Sizes do not depend on it, but for what sees
 * all of the image. See `receptiveFields` for what is reported where paths differ. Throws an OpError if there is no such layer.
 */
export function receptiveField<M extends Module, const S extends Shape>(
  model: M,
  shape: InputOf<M, S>,
  options: ReceptiveFieldOptions = {},
): ReceptiveFieldRow[] {
  const x = input("x", [1, ...(shape as Shape)], options.dtype);
  const traced = tracedLayers(model, x, options.mode);
  const layers = options.layer === undefined ? inTreeOrder(model, traced.layers) : [layerAt("receptiveField", traced, options.layer)];
  const fields = receptiveFields(
    layers.map((l) => l.output),
    x,
  );
  return layers.map(({ path, type, output }) => ({ path, type, output: output.shape.slice(1), field: fields.get(output) }));
}
