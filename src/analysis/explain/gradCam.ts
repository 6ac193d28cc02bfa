import { pullback } from "../../autodiff/grad.ts";
import { f32, NdArray } from "../../base/ndarray.ts";
import { OpError } from "../../ir/op.ts";
import { constant, type Tensor } from "../../ir/tensor.ts";
import type { Module } from "../../nn/module.ts";
import { mul } from "../../ops/arithmetic.ts";
import { expand } from "../../ops/expand.ts";
import { interpolate } from "../../ops/interpolate.ts";
import { pick } from "../../ops/pick.ts";
import { relu } from "../../ops/relu.ts";
import { reshape } from "../../ops/reshape.ts";
import { mean, sum } from "../../ops/sum.ts";
import { compile } from "../../runtime/compile.ts";
import { findLayer } from "../findLayer.ts";
import { type TracedLayer, tracedLayers } from "../tracedLayers.ts";
import { checkImages } from "./checkImages.ts";
import { classScores, type Target, targetsOf } from "./classScores.ts";
import { backendOf, type ExplainOptions } from "./explainOptions.ts";

export interface GradCamOptions extends ExplainOptions {
  /** Path of a module whose output still has space. Default: the last one that has. */
  readonly layer?: string;
}

/** Where in images a layer sees what speaks for a class. */
export interface GradCam {
  readonly layer: string;
  /** At least 0, [n, ...space of the images]: `coarse`, scaled up linearly. */
  readonly map: NdArray<"f32">;
  /** [n, ...space of the layer]. */
  readonly coarse: NdArray<"f32">;
  /** How much each channel of the layer speaks for the class, [n, channels of the layer]. */
  readonly weights: NdArray<"f32">;
  /** The class's score for each image, [n]. */
  readonly scores: NdArray<"f32">;
}

/**
 * The maps of a layer, weighted by the mean gradient of the class's score by each, added up and cut off below zero. For a network that
 * ends in global average pooling and a linear layer it is the class activation map (Zhou et al., 2016) over the number of places.
 *
 * Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra, "Grad-CAM", 2017. Throws an OpError where the layer is unknown or has no space.
 */
export async function gradCam(model: Module, x: NdArray, target: Target, options: GradCamOptions = {}): Promise<GradCam> {
  checkImages("gradCam", x);
  const [n = 0, , ...space] = x.shape;
  let layer = "";
  const program = await compile(backendOf(options), { x: x.shape }, (inputs) => {
    const { result, layers } = tracedLayers(model, inputs.x);
    const found = spatialLayer("gradCam", layers, options.layer);
    layer = found.path;
    const maps = found.output;
    const all = classScores("gradCam", result, n);
    const scores = pick(all, constant(new NdArray("i32", [n], targetsOf("gradCam", target, all.shape))), 1);
    const [gradient] = pullback(scores, expand(constant(f32([], [1])), scores.shape), [maps]);
    const axes = maps.shape.map((_, d) => d).slice(2);
    const weights = mean(gradient!, axes, true);
    const coarse = relu(sum(mul(maps, weights), [1], true));
    const map = interpolate(coarse, { size: space, mode: "linear" });
    const withoutChannel = (t: Tensor): Tensor => reshape(t, [n, ...t.shape.slice(2)]);
    return {
      map: withoutChannel(map),
      coarse: withoutChannel(coarse),
      weights: reshape(weights, [n, maps.shape[1]!]),
      scores,
    };
  });
  try {
    return { layer, ...((await program.run({ x })) as Omit<GradCam, "layer">) };
  } finally {
    await program.close();
  }
}

/** Whether an output [n, channels, ...space] has more than one place. */
const hasSpace = ({ output }: TracedLayer): boolean => output.dtype === "f32" && output.shape.slice(2).some((extent) => extent > 1);

/**
 * The layer at `path`; without one the module that gives an output with space last, and of several that give the same one the innermost.
 * Throws an OpError of `op` if it has no space.
 */
export function spatialLayer(op: string, layers: readonly TracedLayer[], path?: string): TracedLayer {
  if (path === undefined) {
    const last = layers.findLast(hasSpace);
    if (last) return layers.find(({ output }) => output === last.output)!;
    throw new OpError(op, "needs a layer whose output has space, [n, channels, ...space], but the network has none");
  }
  const found = findLayer(op, path, new Map(layers.map((layer) => [layer.path, layer])));
  if (hasSpace(found)) return found;
  const names = layers.flatMap((layer) => (hasSpace(layer) && layer.path !== "" ? [layer.path] : []));
  const gives = found.output.shape.slice(1).join(" x ");
  throw new OpError(op, `the layer's output must have space, got "${path}", which gives ${gives}. Take one of ${names.join(", ")}`);
}
