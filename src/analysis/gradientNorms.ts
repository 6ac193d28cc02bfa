/** How large gradients are, layer by layer: whether they vanish or explode on the way back. */
import { grad } from "../autodiff/grad.ts";
import type { Backend } from "../backend/backend.ts";
import type { NdArray } from "../base/ndarray.ts";
import { type Shape, showShape, sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import { Tensor } from "../ir/tensor.ts";
import { type Mode, withAuxiliaries } from "../ir/trace.ts";
import type { Module } from "../nn/module.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { crossEntropy } from "../ops/crossEntropy.ts";
import { sum } from "../ops/sum.ts";
import { compile } from "../runtime/compile.ts";
import { wasm } from "../runtime/wasm.ts";
import { layersAt, tracedLayers } from "./tracedLayers.ts";

/** A scalar from what the network gives and the labels. */
export type GradientLoss = (output: Tensor, labels: Tensor) => Tensor;

/** What the loss is taken of. */
export interface GradientData {
  /** [n, ...], as the network takes them: normalised, f32. */
  readonly images: NdArray;
  /** [n], i32; or whatever else the loss compares with. */
  readonly labels: NdArray;
}

export interface GradientNormsOptions {
  /** Default: crossEntropy. The losses of auxiliary heads are added, times their weights. */
  readonly loss?: GradientLoss;
  /** Default "train", in which auxiliary heads are there and batch norms use the batch. The model's states do not change. */
  readonly mode?: Mode;
  /** Default `wasm()`. */
  readonly backend?: Backend;
}

/** One gradient. */
export interface GradientNorm {
  /** Euclidean length of the gradient of the loss, all of the batch together. */
  readonly norm: number;
  /** The same by the root of the number of elements: their typical size. */
  readonly rms: number;
  /** Numbers in the gradient. */
  readonly elements: number;
}

/** The gradient by what a module gave. */
export interface OutputGradient extends GradientNorm {
  /** The innermost module that gave it. */
  readonly path: string;
  readonly type: string;
}

/** The gradient by a parameter. */
export interface ParameterGradient extends GradientNorm {
  /** Its name in the state dict. */
  readonly name: string;
  /** Euclidean length of the parameter itself: what the gradient would change. */
  readonly weightNorm: number;
}

export interface GradientNorms {
  readonly loss: number;
  /** By every module's output, in the order of the forward pass. */
  readonly outputs: readonly OutputGradient[];
  /** By every parameter, in the order of `namedStates`. */
  readonly parameters: readonly ParameterGradient[];
}

/**
 * The length of the gradient of one loss, by each parameter and by each module's output, with the weights as they are: before training,
 * during or after it.
 *
 *     const { parameters } = await gradientNorms(model.initialize(1), { images, labels });
 *
 * Throws an OpError if the network gives more than one tensor, or the loss more than one number.
 */
export async function gradientNorms(model: Module, data: GradientData, options: GradientNormsOptions = {}): Promise<GradientNorms> {
  const { loss = crossEntropy, mode = "train", backend = wasm() } = options;
  const { images, labels } = data;
  const named = [...model.namedStates()].filter(([, s]) => model.parameters().some((p) => p === s));
  let layers: { readonly path: string; readonly type: string; readonly shape: Shape }[] = [];
  const inputs = { images: specOf(images), labels: specOf(labels) };
  const program = await compile(
    backend,
    inputs,
    ({ images, labels }) => {
      const { result: traced, auxiliaries } = withAuxiliaries(() => tracedLayers(model, images, mode));
      if (!(traced.result instanceof Tensor)) {
        throw new OpError("gradientNorms", `the network must give one tensor, got ${typeof traced.result}`);
      }
      const own = scalar(loss(traced.result, labels));
      const total = auxiliaries.reduce((sum, { output, weight }) => add(sum, mul(scalar(loss(output, labels)), weight)), own);
      const outputs = layersAt("gradientNorms", traced, undefined);
      layers = outputs.map(({ path, type, output }) => ({ path, type, shape: output.shape }));
      const gradients = grad(total, [...outputs.map((l) => l.output), ...named.map(([, s]) => s.tensor)]);
      return { loss: total, ...Object.fromEntries(gradients.map((g, i) => [`${i}`, squaredLength(g)])) } as Record<string, Tensor>;
    },
    { mode },
  );
  const values = await program.run({ images, labels });
  await program.close();
  const normAt = (i: number, elements: number): GradientNorm => {
    const norm = Math.sqrt(values[`${i}`]!.item());
    return { norm, rms: norm / Math.sqrt(elements), elements };
  };
  return {
    loss: values.loss!.item(),
    outputs: layers.map(({ path, type, shape }, i) => ({ path, type, ...normAt(i, sizeOf(shape)) })),
    parameters: named.map(([name, state], i) => ({
      name,
      ...normAt(layers.length + i, sizeOf(state.shape)),
      weightNorm: lengthOf(state.read()),
    })),
  };
}

function lengthOf({ data }: NdArray): number {
  let squares = 0;
  for (const w of data) squares += w * w;
  return Math.sqrt(squares);
}

const specOf = ({ shape, dtype }: NdArray): Pick<NdArray, "shape" | "dtype"> => ({ shape, dtype });

/** In f32: lengths above 1e19 overflow, and are infinite; those below 1e-19 are 0. */
const squaredLength = (t: Tensor): Tensor => sum(mul(t, t));

function scalar(loss: Tensor): Tensor {
  if (sizeOf(loss.shape) === 1) return loss;
  throw new OpError("gradientNorms", `the loss must be a single number, got ${showShape(loss.shape)}. Take its sum or mean`);
}
