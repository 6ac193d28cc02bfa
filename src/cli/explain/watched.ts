import { spatialLayer } from "../../analysis/explain/gradCam.ts";
import { findLayer } from "../../analysis/findLayer.ts";
import { isLeaf, type TracedLayer, tracedLayers } from "../../analysis/tracedLayers.ts";
import type { Shape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { input } from "../../ir/tensor.ts";
import type { Module } from "../../nn/module.ts";
import { UsageError } from "../failure.ts";

/** More layers than these are not shown unless they are asked for. */
const MOST_LAYERS = 24;

/** Every module that gives a tensor, by its path, and the shape it gives for one image. */
export function layersOf(model: Module, imageShape: Shape): ReadonlyMap<string, TracedLayer> {
  const { layers } = tracedLayers(model, input("x", [1, ...imageShape]));
  return new Map(layers.map((layer) => [layer.path, layer]));
}

/** Fails unless the paths of --watch are layers: the message names near ones and lists what there is. */
export function checkWatched(paths: readonly string[], layers: ReadonlyMap<string, TracedLayer>): void {
  for (const path of paths) asUsage(() => findLayer("--watch", path, layers));
}

/** Fails unless the path of --layer is a layer with space. */
export const checkSpatial = (path: string, layers: ReadonlyMap<string, TracedLayer>): void =>
  asUsage(() => spatialLayer("--layer", [...layers.values()], path));

/** Runs `check`; what it finds wrong was wrong in an option. */
function asUsage(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw error instanceof OpError ? new UsageError(error.message) : error;
  }
}

/** The layers to show: those asked for; else each that has no other in it, or, where they are many, some of them from first to last. */
export function watchedOf(
  layers: ReadonlyMap<string, TracedLayer>,
  asked: readonly string[] | undefined,
  most: number = MOST_LAYERS,
): readonly string[] {
  if (asked) return asked;
  return evenly(leavesOf(layers), most).map(({ path }) => path);
}

/** Those that have no other layer in them. */
export const leavesOf = (layers: ReadonlyMap<string, TracedLayer>): TracedLayer[] =>
  [...layers.values()].filter(({ module }) => isLeaf(module));

/** At most `most` of the items, evenly from the first to the last. */
export const evenly = <T>(items: readonly T[], most: number): readonly T[] =>
  items.length <= most ? items : Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!);
