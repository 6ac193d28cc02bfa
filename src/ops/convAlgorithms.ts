/**
 * Ways to compute a convolution. Each is a composite of other ops, which the pass `algorithms` puts in the place of the convolution and
 * of its gradients; how a network is traced and differentiated does not depend on it.
 *
 *   im2col    windows as columns, then one product of matrices. Any convolution.
 *   winograd  F(m x m, 3 x 3): fewer multiplications for 3 x 3 windows (Lavin and Gray 2015).
 *   fft       products of spectra: the cost does not depend on the size of the window. Any convolution.
 */
import type { Shape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { ConvAttrs } from "./conv.ts";
import { fft } from "./fourier.ts";
import { im2col } from "./im2col.ts";
import { winograd } from "./winograd.ts";

/** One way to compute a convolution and its gradients. */
export interface ConvMethod {
  /** y [n, o, ...out]. */
  forward(x: Tensor, w: Tensor, attrs: ConvAttrs): Tensor;
  /** dx [n, c, ...inputSpace]. */
  inputGrad(dy: Tensor, w: Tensor, inputSpace: Shape, attrs: ConvAttrs): Tensor;
  /** dw [o, c / groups, ...kernel]. */
  weightGrad(dy: Tensor, x: Tensor, attrs: ConvAttrs): Tensor;
  /** Why it cannot compute this convolution, and what to do; undefined if it can. */
  refusal?(attrs: ConvAttrs): string | undefined;
}

/** Every way but the direct one, by name. */
const CONV_METHODS: { readonly [N in "im2col" | "winograd" | "fft"]: ConvMethod } = { im2col, winograd, fft };

export type ConvMethodName = keyof typeof CONV_METHODS;

/**
 * How a convolution is computed. "auto" leaves it to Fovea and is "direct" today; it changes only together with what the documentation
 * promises about bits, so that the same program keeps its results.
 */
export type ConvAlgorithm = "auto" | "direct" | ConvMethodName;

/** The name of the composite, or undefined for the direct way. Throws an OpError where it does not apply. */
export function methodOf(op: string, algorithm: ConvAlgorithm, attrs: ConvAttrs): ConvMethodName | undefined {
  if (algorithm === "auto" || algorithm === "direct") return undefined;
  const method = methodNamed(algorithm);
  if (!method) throw new OpError(op, `algorithm must be auto, direct, im2col, winograd or fft, got ${algorithm}`);
  const refusal = method.refusal?.(attrs);
  if (refusal !== undefined) throw new OpError(op, refusal);
  return algorithm;
}

/** The composite of this name, if there is one. */
export const methodNamed = (name: string): ConvMethod | undefined =>
  Object.hasOwn(CONV_METHODS, name) ? CONV_METHODS[name as ConvMethodName] : undefined;
