/**
 * The part of its receptive field that a unit really listens to, measured by gradients.
 *
 * Luo, Li, Urtasun, Zemel, "Understanding the effective receptive field in deep convolutional neural networks", 2016.
 */
import { pullback } from "../../autodiff/grad.ts";
import type { Backend } from "../../backend/backend.ts";
import { f32, type NdArray } from "../../base/ndarray.ts";
import { RandomStream } from "../../base/random.ts";
import { type Shape, sameShape, showShape, sizeOf, stridesOf } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { input } from "../../ir/tensor.ts";
import type { Module } from "../../nn/module.ts";
import type { InputOf } from "../../nn/network.ts";
import { compile } from "../../runtime/compile.ts";
import { wasm } from "../../runtime/wasm.ts";
import { layerAt, tracedLayers } from "../tracedLayers.ts";
import { fieldOf } from "./fieldOf.ts";

export interface EffectiveFieldOptions {
  /** Path of the layer. Default: the network itself. */
  readonly layer?: string;
  /** Place of the unit along the spatial axes of the layer's output. Default: the middle one. */
  readonly unit?: readonly number[];
  /** Images [n, channels, ...space] to take gradients at. Default: noise of mean 0 and variance 1. */
  readonly images?: NdArray;
  /** How many gradients to average, each by a channel of the unit drawn at random. Default 32. */
  readonly draws?: number;
  /** Chooses noise and channels. Default 0. */
  readonly seed?: number;
  /** A pixel counts if its gradient is at least this share of the largest. Default 1 - 0.9545, that of two standard deviations. */
  readonly threshold?: number;
  /** Default `wasm()`. */
  readonly backend?: Backend;
}

/** Where the gradient of one unit goes. */
export interface EffectiveField {
  readonly layer: string;
  readonly unit: readonly number[];
  /** Mean magnitude of the gradient by each pixel [...space], over draws and channels, as shares of their sum. */
  readonly map: NdArray<"f32">;
  /** Centre of mass, in pixels. */
  readonly center: readonly number[];
  /** Standard deviation around it along each axis, in pixels. */
  readonly std: readonly number[];
  /** Pixels at or above the threshold. */
  readonly area: number;
  /** The same as a share of the pixels in the box of the receptive field, clipped to the image. */
  readonly areaFraction: number;
  /** The box: first pixel, and the one after the last. */
  readonly field: { readonly start: readonly number[]; readonly end: readonly number[] };
}

/** Gradients taken at once. */
const BATCH = 8;

/**
 * The mean gradient of one unit by the pixels of inputs of `shape` (without the batch), in eval mode and with the weights as they are:
 * those of a network that has not been trained, or of one that has.
 *
 *     const { map, areaFraction } = await effectiveField(model, [3, 64, 64], { layer: "layer3" });
 *
 * Throws an OpError if there is no such layer or unit, or if no gradient arrives at all.
 */
export async function effectiveField<M extends Module, const S extends Shape>(
  model: M,
  shape: InputOf<M, S>,
  options: EffectiveFieldOptions = {},
): Promise<EffectiveField> {
  const op = "effectiveField";
  const one = shape as Shape;
  const { layer = "", draws = 32, seed = 0, threshold = 1 - 0.9545, images, backend = wasm() } = options;
  if (!Number.isInteger(draws) || draws < 1) throw new OpError(op, `draws must be a whole number of at least 1, got ${draws}`);
  if (images && !sameShape(images.shape.slice(1), one))
    throw new OpError(op, `images must be [n, ${one.join(", ")}], got ${showShape(images.shape)}`);
  const output = layerAt(op, tracedLayers(model, input("x", [BATCH, ...one])), layer).output.shape;
  const unit = options.unit ?? output.slice(2).map((n) => n >> 1);
  const { start, end } = fieldOf(model, shape, layer, unit);

  const program = await compile(backend, { x: [BATCH, ...one], dy: output }, ({ x, dy }) => {
    const y = layerAt(op, tracedLayers(model, x), layer).output;
    return pullback(y, dy, [x])[0]!;
  });
  const space = one.slice(1);
  const sums = new Float64Array(sizeOf(space));
  const [noise, channels] = [new RandomStream(seed, "effectiveField noise"), new RandomStream(seed, "effectiveField channels")];
  const [size, outSize, pixels] = [sizeOf(one), sizeOf(output.slice(1)), sizeOf(space)];
  const place = offsetOf(unit, output.slice(2));
  for (let first = 0; first < draws; first += BATCH) {
    const x = Float32Array.from({ length: BATCH * size }, (_, i) => {
      if (images) return images.data[(first * size + i) % images.data.length]!;
      return (2 * noise.uniform(first * size + i) - 1) * Math.sqrt(3);
    });
    const dy = new Float32Array(BATCH * outSize);
    const used = Math.min(BATCH, draws - first);
    for (let b = 0; b < used; b++) dy[b * outSize + channels.below(output[1]!, first + b) * sizeOf(output.slice(2)) + place] = 1;
    const { output: dx } = await program.run({ x, dy });
    for (let i = 0; i < used * size; i++) sums[i % pixels]! += Math.abs(dx.data[i]!);
  }
  await program.close();

  const total = sums.reduce((a, b) => a + b, 0);
  if (!(total > 0)) throw new OpError(op, `no gradient of unit ${showShape(unit)} of layer "${layer}" arrives at the input, got ${total}`);
  const largest = sums.reduce((a, b) => Math.max(a, b));
  const area = sums.reduce((n, v) => n + (v >= threshold * largest ? 1 : 0), 0);
  const box = start.reduce((n, from, d) => n * (end[d]! - from), 1);
  const map = f32(
    space,
    sums.map((v) => v / total),
  );
  return { layer, unit, map, ...moments(sums, space, total), area, areaFraction: area / box, field: { start, end } };
}

const offsetOf = (at: readonly number[], space: Shape): number => {
  const strides = stridesOf(space);
  return at.reduce((sum, i, d) => sum + i * strides[d]!, 0);
};

/** Mean and standard deviation along each axis, of pixels with these weights. */
function moments(weights: Float64Array, space: Shape, total: number): { readonly center: number[]; readonly std: number[] } {
  const strides = stridesOf(space);
  const mean = (of: (i: number, d: number) => number, d: number): number =>
    weights.reduce((sum, w, i) => sum + w * of(Math.floor(i / strides[d]!) % space[d]!, d), 0) / total;
  const center = space.map((_, d) => mean((i) => i, d));
  return { center, std: space.map((_, d) => Math.sqrt(mean((i) => (i - center[d]!) ** 2, d))) };
}
