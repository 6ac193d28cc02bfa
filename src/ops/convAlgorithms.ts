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

/** One way to compute a convolution and its gradients; undefined leaves it to the direct sums. */
export interface ConvMethod {
  /** y [n, o, ...out]. */
  forward(x: Tensor, w: Tensor, attrs: ConvAttrs): Tensor | undefined;
  /** dx [n, c, ...inputSpace]. */
  inputGrad(dy: Tensor, w: Tensor, inputSpace: Shape, attrs: ConvAttrs): Tensor | undefined;
  /** dw [o, c / groups, ...kernel]. */
  weightGrad(dy: Tensor, x: Tensor, attrs: ConvAttrs): Tensor | undefined;
  /** Why it cannot compute this convolution, and what to do; undefined if it can. */
  refusal?(attrs: ConvAttrs): string | undefined;
}

/** Fewer channels than these, in or out, and the transforms cost more than the products save. */
const FEWEST_CHANNELS = 16;
/** The weight gradient reads and writes its sums for every block of tiles. */
const FEWEST_IN_GRADIENT = 16;

/** Winograd's F(4 x 4, 3 x 3) for those passes in which it pays. */
const auto: ConvMethod = {
  forward: (x, w, attrs) => (isWide(w.shape, FEWEST_CHANNELS) ? winograd.forward(x, w, attrs) : undefined),
  inputGrad: (dy, w, space, attrs) => (isWide(w.shape, FEWEST_CHANNELS) ? winograd.inputGrad(dy, w, space, attrs) : undefined),
  weightGrad: (dy, x, attrs) => (isWide([dy.shape[1]!, x.shape[1]!], FEWEST_IN_GRADIENT) ? winograd.weightGrad(dy, x, attrs) : undefined),
};

const isWide = ([o, c]: Shape, channels: number): boolean => Math.min(o!, c!) >= channels;

/** Every way but the direct one, by name. */
const CONV_METHODS: { readonly [N in "auto" | "im2col" | "winograd" | "fft"]: ConvMethod } = { auto, im2col, winograd, fft };

export type ConvMethodName = keyof typeof CONV_METHODS;

/**
 * How a convolution is computed. "auto" is Fovea's choice: Winograd's F(4 x 4, 3 x 3) where it pays and its error bound is small enough,
 * else the direct sums. The choice depends on shapes alone, so the same program gives the same bits everywhere; it changes only together
 * with what the documentation promises about bits.
 */
export type ConvAlgorithm = "direct" | ConvMethodName;

/** Smaller images than one tile are mostly margin. */
const SMALLEST_IMAGE = 4;

/** The method for a convolution of `x` by `w`, or undefined for the direct way. Throws an OpError where what is asked for does not apply. */
export function methodOf(op: string, algorithm: ConvAlgorithm, attrs: ConvAttrs, x: Shape, w: Shape): ConvMethodName | undefined {
  if (algorithm === "direct") return undefined;
  if (algorithm === "auto") {
    const large = isWide(w, FEWEST_CHANNELS) && x.slice(2).every((extent) => extent >= SMALLEST_IMAGE);
    return large && attrs.kernel.length === 2 && winograd.refusal!(attrs) === undefined ? "auto" : undefined;
  }
  const method = methodNamed(algorithm);
  if (!method) throw new OpError(op, `algorithm must be auto, direct, im2col, winograd or fft, got ${algorithm}`);
  const refusal = method.refusal?.(attrs);
  if (refusal !== undefined) throw new OpError(op, refusal);
  return algorithm;
}

/** The composite of this name, if there is one. */
export const methodNamed = (name: string): ConvMethod | undefined =>
  Object.hasOwn(CONV_METHODS, name) ? CONV_METHODS[name as ConvMethodName] : undefined;
