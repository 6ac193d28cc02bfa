import { grad } from "../../autodiff/grad.ts";
import { i32, NdArray } from "../../base/ndarray.ts";
import { RandomStream } from "../../base/random.ts";
import { type Shape, showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { constant, type Tensor } from "../../ir/tensor.ts";
import { normalInit } from "../../nn/init.ts";
import type { Module } from "../../nn/module.ts";
import { add, div, mul, sub } from "../../ops/arithmetic.ts";
import { abs, sqrt } from "../../ops/elementary.ts";
import { pick } from "../../ops/pick.ts";
import { slice } from "../../ops/slice.ts";
import { mean, sum } from "../../ops/sum.ts";
import { compile } from "../../runtime/compile.ts";
import { findLayer } from "../findLayer.ts";
import { tracedLayers } from "../tracedLayers.ts";
import { blurred } from "./blurred.ts";
import { checkSteps } from "./checkSteps.ts";
import { clamped, type Limit } from "./clamped.ts";
import { backendOf, type ExplainOptions } from "./explainOptions.ts";
import { rolled } from "./rolled.ts";

export interface ActivationMaximizationOptions extends ExplainOptions {
  /** Path of the module to excite; "" is the network, whose channels are the classes. */
  readonly layer: string;
  /** Which channel, or several: an image for each. */
  readonly channel: number | readonly number[];
  /** The place of one unit in the channel's map: [row, column]. Default: the mean of the whole map. */
  readonly unit?: readonly number[];
  /** Default 128. */
  readonly steps?: number;
  /** Root mean square of a step's change, in the input's units: gradients are scaled to that. Default 0.1. */
  readonly lr?: number;
  /** The image is shifted by up to so many pixels before each step, round its edges, and back after it. Default 0. */
  readonly jitter?: number;
  /** The image is blurred after each step, by a Gaussian of this deviation in pixels. Default 0: not at all. */
  readonly blur?: number;
  /** Times the sum of squares of the image: taken from what is climbed. Default 0. */
  readonly l2?: number;
  /** Times the sum of sizes of all differences between neighbours: taken from what is climbed. Default 0. */
  readonly totalVariation?: number;
  /** What pixels may be at the least and at most, one number or one for each channel. Default: anything. */
  readonly low?: Limit;
  readonly high?: Limit;
  /** Standard deviation of the noise to start from. Default 0.1. */
  readonly noise?: number;
  /** The same seed, the same noise and jitter. Default 0. */
  readonly seed?: number;
}

/** Images that excite channels of a layer. */
export interface ActivationMaximization {
  /** One for each channel that was asked for, [n, ...shape]. */
  readonly images: NdArray<"f32">;
  /** For each image its activation before each step and after the last one: steps + 1 numbers, without what regularises. */
  readonly activations: readonly (readonly number[])[];
}

/**
 * Climbs, from noise, to images of `shape` (without the batch) that excite a channel of a layer most: what the channel looks for.
 *
 *     const { images } = await activationMaximization(model, [1, 28, 28], { layer: "3", channel: [0, 1, 2], blur: 0.5, jitter: 2 });
 *
 * Erhan, Bengio, Courville, Vincent, "Visualizing higher-layer features of a deep network", 2009; jitter and total variation as in Olah,
 * Mordvintsev, Schubert, "Feature visualization", 2017. A channel that does not answer to the noise at all (a dead ReLU) stays as it is.
 */
export async function activationMaximization(
  model: Module,
  shape: Shape,
  options: ActivationMaximizationOptions,
): Promise<ActivationMaximization> {
  const op = "activationMaximization";
  const { steps = 128, lr = 0.1, jitter = 0, noise = 0.1, seed = 0, blur = 0, l2 = 0, totalVariation = 0 } = options;
  const channels = [options.channel].flat();
  checkSteps(op, "steps", steps);
  checkSteps(op, "jitter", jitter, 0);
  for (const [what, value] of Object.entries({ lr, noise, blur, l2, totalVariation })) {
    if (!(value >= 0)) throw new OpError(op, `${what} must be at least 0, got ${value}`);
  }
  const whole = [channels.length, ...shape];
  const program = await compile(backendOf(options), { x: whole }, ({ x }) => {
    const activations = chosen(op, tracedLayers(model, x).layers, options, channels);
    const penalty = add(mul(sum(mul(x, x)), l2), mul(variation(x), totalVariation));
    const [gradient] = grad(sub(sum(activations), penalty), [x]);
    const others = whole.map((_, d) => d).slice(1);
    const size = sqrt(mean(mul(gradient!, gradient!), others, true));
    // Where nothing answers the gradient is 0, and so is the step.
    const stepped = add(x, mul(gradient!, div(lr, add(size, 1e-12))));
    return { next: clamped(op, blurred(stepped, blur), options), activations };
  });
  try {
    let images = new NdArray("f32", whole);
    normalInit(0, noise)(images, new RandomStream(seed, "activationMaximization"));
    const shifts = new RandomStream(seed, "activationMaximization.jitter");
    const space = shape.length - 1;
    const activations: number[][] = channels.map(() => []);
    for (let step = 0; step <= steps; step++) {
      // The last run only looks.
      const by = Array.from({ length: space }, (_, d) => (step < steps ? shifts.below(2 * jitter + 1, step * space + d) - jitter : 0));
      const found = await program.run({ x: rolled(images, by) });
      activations.forEach((own, i) => own.push(found.activations.data[i]!));
      if (step < steps) {
        images = rolled(
          found.next as NdArray<"f32">,
          by.map((s) => -s),
        );
      }
    }
    return { images, activations };
  } finally {
    await program.close();
  }
}

/** The activation of channel i in image i, [n]. */
function chosen(
  op: string,
  layers: ReturnType<typeof tracedLayers>["layers"],
  { layer, unit }: ActivationMaximizationOptions,
  channels: readonly number[],
): Tensor {
  const { output } = findLayer(op, layer, new Map(layers.map((found) => [found.path, found])));
  const [, all = 0, ...space] = output.shape;
  if (output.shape.length < 2) throw new OpError(op, `the layer must give [n, channels, ...space], got ${showShape(output.shape)}`);
  for (const c of channels) {
    if (!Number.isInteger(c) || c < 0 || c >= all)
      throw new OpError(op, `the channel must be 0 to ${all - 1} of layer "${layer}", got ${c}`);
  }
  if (unit && (unit.length !== space.length || unit.some((u, d) => !Number.isInteger(u) || u < 0 || u >= space[d]!))) {
    throw new OpError(op, `the unit must lie within ${showShape(space)} of layer "${layer}", got ${showShape(unit)}`);
  }
  const place = unit ? slice(output, [undefined, undefined, ...unit.map((u) => [u, u + 1] as const)]) : output;
  const perChannel =
    space.length === 0
      ? place
      : mean(
          place,
          space.map((_, d) => d + 2),
        );
  return pick(perChannel, constant(i32([channels.length], channels)), 1);
}

/** The sum of sizes of all differences between neighbours along the axes of space. */
function variation(x: Tensor): Tensor {
  return x.shape
    .map((_, d) => d)
    .filter((d) => d >= 2 && x.shape[d]! > 1)
    .map((d) => {
      const part = (start: number, stop: number): Tensor => slice(x, [...Array<undefined>(d).fill(undefined), [start, stop]]);
      return sum(abs(sub(part(1, x.shape[d]!), part(0, x.shape[d]! - 1))));
    })
    .reduce(add, mul(sum(x), 0));
}
