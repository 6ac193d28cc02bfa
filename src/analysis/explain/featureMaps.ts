import type { NdArray } from "../../base/ndarray.ts";
import { OpError } from "../../ir/op.ts";
import type { Mode } from "../../ir/trace.ts";
import type { Module } from "../../nn/module.ts";
import { compile } from "../../runtime/compile.ts";
import { findLayer } from "../findLayer.ts";
import { isLeaf, type TracedLayer, tracedLayers } from "../tracedLayers.ts";
import { checkImages } from "./checkImages.ts";
import { backendOf, type ExplainOptions } from "./explainOptions.ts";

export interface FeatureMapsOptions extends ExplainOptions {
  /** Paths of modules; "" is the network itself. Default: every module that has no other in it. */
  readonly layers?: readonly string[];
  /** Whether layers that differ between the two train or evaluate. Default "eval". Either way nothing in the network changes. */
  readonly mode?: Mode;
}

/**
 * What modules of the network give for these images x [n, channels, ...space]: arrays by path, in the order of `layers`, or of their run.
 * A module that is used twice has "path" and "path@2".
 *
 *     const maps = await featureMaps(model, x, { layers: ["features.0"] });
 *     maps.get("features.0"); // [n, 6, 28, 28]
 *
 * Throws an OpError if there is no such layer; it names those there are.
 */
export async function featureMaps(model: Module, x: NdArray, options: FeatureMapsOptions = {}): Promise<ReadonlyMap<string, NdArray>> {
  checkImages("featureMaps", x);
  const program = await compile(backendOf(options), { x: x.shape }, (inputs) => {
    const { layers } = tracedLayers(model, inputs.x, options.mode);
    const chosen = options.layers ? chosenOf(layers, options.layers) : layers.filter(({ module }) => isLeaf(module));
    if (chosen.length === 0) throw new OpError("featureMaps", "needs at least one layer to look at, got none");
    // The prefix keeps names that look like numbers in their order.
    return Object.fromEntries(chosen.map(({ path, output }) => [`at ${path}`, output]));
  });
  try {
    const values: Readonly<Record<string, NdArray>> = await program.run({ x });
    return new Map(Object.entries(values).map(([key, value]) => [key.slice("at ".length), value]));
  } finally {
    await program.close();
  }
}

function chosenOf(layers: readonly TracedLayer[], paths: readonly string[]): readonly TracedLayer[] {
  const byPath = new Map(layers.map((layer) => [layer.path, layer]));
  return paths.map((path) => findLayer("featureMaps", path, byPath));
}
