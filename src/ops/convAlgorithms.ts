/**
 * Ways to compute a convolution. Each is a composite of other ops, which the pass `algorithms` puts in the place of the convolution and
 * of its gradients; how a network is traced and differentiated does not depend on it.
 *
 *   im2col    windows as columns, then one product of matrices. Any convolution.
 *   winograd  minimal filtering of tiles: fewer multiplications for small windows with stride 1 or 2 (Lavin and Gray 2015).
 *   fft       products of spectra: the cost does not depend on the size of the window. Any convolution.
 */
import { type Shape, sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { ConvAttrs } from "./conv.ts";
import { productsBound } from "./errorBound.ts";
import { fft } from "./fourier.ts";
import { im2col } from "./im2col.ts";
import { outSpace } from "./window.ts";
import { FEWEST_CHANNELS, winograd } from "./winograd.ts";

/** The largest error of each pass, relative to the largest magnitudes of the two operands. */
export interface ConvBounds {
  readonly forward: number;
  readonly inputGrad: number;
  readonly weightGrad: number;
}

/** One way to compute a convolution and its gradients; undefined leaves it to the direct sums. */
export interface ConvMethod {
  /** y [n, o, ...out]. */
  forward(x: Tensor, w: Tensor, attrs: ConvAttrs): Tensor | undefined;
  /** dx [n, c, ...inputSpace]. */
  inputGrad(dy: Tensor, w: Tensor, inputSpace: Shape, attrs: ConvAttrs): Tensor | undefined;
  /** dw [o, c / groups, ...kernel]. */
  weightGrad(dy: Tensor, x: Tensor, attrs: ConvAttrs): Tensor | undefined;
  /** Largest errors, see errorBound.ts; left out where none is known. */
  bounds?(x: Shape, w: Shape, attrs: ConvAttrs): ConvBounds;
  /** Why it cannot compute this convolution, and what to do; undefined if it can. */
  refusal?(attrs: ConvAttrs): string | undefined;
}

/** A transform takes as long for one element of one channel as so many products of two channels. */
const TRANSFORM_COST = 5;
/** How many times less work there must be than in direct sums: what is not counted, margins and filters, costs too. */
const LEAST_GAIN = 1.15;
/** To read a filter at one frequency takes as long as so many products: with few tiles, most of the time goes into that. */
const FILTER_COST = 4;
/** The gradient by the weight adds up to all of them, and writes them. */
const FEWEST_TILES_IN_GRADIENT = 8;
/** Five taps in tiles of 4 lose the most digits: too many where more channels are summed, more than they are worth with very few. */
const FIVE = { taps: 5, fewest: 4, most: 256 } as const;

/** Minimal filtering by tiles of 4 for those passes in which it pays, of 2 where 4 would round too much. */
const auto: ConvMethod = {
  forward: (x, w, attrs) => winograd.forward(x, w, tiled(attrs, w.shape[1]!)),
  inputGrad: (dy, w, space, attrs) => winograd.inputGrad(dy, w, space, tiled(attrs, w.shape[0]!)),
  weightGrad: (dy, x, attrs) =>
    tileCount(dy.shape[0]!, dy.shape.slice(2)) >= FEWEST_TILES_IN_GRADIENT ? winograd.weightGrad(dy, x, attrs) : undefined,
};

const hasFive = ({ kernel, stride }: ConvAttrs): boolean => kernel.some((k, d) => Math.ceil(k / stride[d]!) === FIVE.taps);

/** The attributes with the tile for sums over so many channels. */
const tiled = (attrs: ConvAttrs, channels: number): ConvAttrs => (hasFive(attrs) && channels > FIVE.most ? { ...attrs, tile: 2 } : attrs);

const tileCount = (images: number, out: Shape): number => out.reduce((n, extent) => n * Math.ceil(extent / 4), images);

/** Whether minimal filtering of x by w pays in one pass at least. */
function pays(attrs: ConvAttrs, x: Shape, w: Shape): boolean {
  const { kernel, stride } = attrs;
  if (kernel.length !== 2 || winograd.refusal!(attrs) !== undefined) return false;
  if (hasFive(attrs) && Math.min(w[0]!, w[1]!) < FIVE.fewest) return false;
  const out = outSpace(x.slice(2), attrs);
  const tiles = tileCount(x[0]!, out);
  // A tile of 4 takes k + 3 s products along an axis in place of 4 k.
  const frequencies = kernel.reduce((n, k, d) => n * (k + 3 * stride[d]!), 1);
  const [o, c] = [Math.max(w[0]!, FEWEST_CHANNELS), Math.max(w[1]!, FEWEST_CHANNELS)];
  const direct = x[0]! * sizeOf(out) * sizeOf(w);
  return direct >= LEAST_GAIN * frequencies * ((tiles + FILTER_COST) * o * c + TRANSFORM_COST * tiles * (o + c));
}

/** Every way but the direct one, by name. */
const CONV_METHODS: { readonly [N in "auto" | "im2col" | "winograd" | "fft"]: ConvMethod } = { auto, im2col, winograd, fft };

export type ConvMethodName = keyof typeof CONV_METHODS;

/**
 * How a convolution is computed. "auto" is Fovea's choice: Winograd's minimal filtering where it pays and its error is small enough, else the
 * direct sums. The choice depends on shapes alone, so the same program gives the same bits everywhere; it changes only together
 * with what the documentation promises about bits.
 */
export type ConvAlgorithm = "direct" | ConvMethodName;

/** The method for a convolution of `x` by `w`, or undefined for the direct way. Throws an OpError where what is asked for does not apply. */
export function methodOf(op: string, algorithm: ConvAlgorithm, attrs: ConvAttrs, x: Shape, w: Shape): ConvMethodName | undefined {
  if (algorithm === "direct") return undefined;
  if (algorithm === "auto") return pays(attrs, x, w) ? "auto" : undefined;
  const method = methodNamed(algorithm);
  if (!method) throw new OpError(op, `algorithm must be auto, direct, im2col, winograd or fft, got ${algorithm}`);
  const refusal = method.refusal?.(attrs);
  if (refusal !== undefined) throw new OpError(op, refusal);
  return algorithm;
}

/** What is known of the largest errors of an algorithm that can compute this convolution. */
export function boundsOf(algorithm: Exclude<ConvAlgorithm, "auto">, x: Shape, w: Shape, attrs: ConvAttrs): ConvBounds | undefined {
  return algorithm === "direct" || algorithm === "im2col" ? sumBounds(x, w, attrs) : methodNamed(algorithm)?.bounds?.(x, w, attrs);
}

/** Of the definition's sums, in any order. */
function sumBounds(x: Shape, w: Shape, attrs: ConvAttrs): ConvBounds {
  const taps = sizeOf(attrs.kernel);
  return {
    forward: productsBound(w[1]! * taps),
    inputGrad: productsBound((w[0]! / attrs.groups) * taps),
    weightGrad: productsBound(x[0]! * sizeOf(outSpace(x.slice(2), attrs))),
  };
}

/** The composite of this name, if there is one. */
export const methodNamed = (name: string): ConvMethod | undefined =>
  Object.hasOwn(CONV_METHODS, name) ? CONV_METHODS[name as ConvMethodName] : undefined;
