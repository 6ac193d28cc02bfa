/** What normalisations consist of: sums of squared deviations, and values moved by a mean and scaled by a deviation. */
import { type Shape, sameShape, showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load, sub as minus, add as plus, mul as times } from "../kernel/expr.ts";
import { compute } from "../kernel/kernel.ts";
import { add, div, mul, neg, operand, sub } from "./arithmetic.ts";
import { broadcastStrides, definePointwise, dot, forEachIndex } from "./pointwise.ts";
import { pow } from "./pow.ts";
import { normalizeAxes, placeAxes, reducedShape } from "./reduction.ts";
import { reshape } from "./reshape.ts";
import { sum, sumTo } from "./sum.ts";

interface DeviationAttrs extends Readonly<Record<string, unknown>> {
  /** Axes to reduce, ascending. They stay, with extent 1. */
  readonly axes: readonly number[];
  /**
   * Whether `mean` is known to be the mean of all that is summed with it in the end. The sum does not change with the mean
   * there, whatever x is, so no gradient flows to it, at any order, and a pass over x is saved.
   */
  readonly atMean: boolean;
}

/** Sum of (x - mean)^2 over `axes`: x and a mean for each sum. */
export const squaredDeviationOp: Op<DeviationAttrs> = defineOp<DeviationAttrs>({
  name: "squaredDeviation",
  facts: {},
  infer([x, mean], { axes }) {
    const type = reducedShape("squaredDeviation", x!, axes);
    if (sameShape(mean!.shape, type.shape)) return type;
    throw new OpError("squaredDeviation", `mean must be ${showShape(type.shape)}, got ${showShape(mean!.shape)}`);
  },
  grad(dy, { inputs: [x, mean], attrs: { axes, atMean } }) {
    const twice = mul(dy, 2);
    const dmean = (): Tensor => neg(mul(twice, sum(sub(x!, mean!), axes, true)));
    return [apply(standardizeOp, [x!, mean!, twice], {}), atMean ? undefined : dmean()];
  },
  reference([x, mean], out) {
    const at = broadcastStrides(out.shape, x!.shape);
    forEachIndex(x!.shape, (index, i) => {
      const o = dot(index, at);
      out.data[o]! += (x!.data[i]! - mean!.data[o]!) ** 2;
    });
  },
  kernel: ([x, mean], out, { axes }) =>
    compute("squaredDeviation", out, { reduce: axes.map((a) => x!.shape[a]!) }, (o, r) => {
      const deviation = minus(load(x!, placeAxes(o, r, axes)), load(mean!, o));
      return times(deviation, deviation);
    }),
});

/** (x - mean) * scale, or (x - mean) * scale * weight + bias, broadcast. */
export const standardizeOp: Op = definePointwise({
  name: "standardize",
  value([x, mean, scale, weight, bias]) {
    const standard = (x! - mean!) * scale!;
    return weight === undefined ? standard : standard * weight + bias!;
  },
  expr([x, mean, scale, weight, bias]) {
    const standard = times(minus(x!, mean!), scale!);
    return weight === undefined ? standard : plus(times(standard, weight), bias!);
  },
  grad(dy, { inputs: [x, mean, scale, weight, bias] }) {
    const w = weight ?? operand(1);
    const moment = mul(dy, sub(x!, mean!));
    const total = (of: Tensor, factors: readonly Tensor[], shape: Shape): Tensor => sumOver(of, factors, shape, mean!.shape);
    return [
      sumTo(mul(dy, mul(scale!, w)), x!.shape),
      neg(total(dy, [scale!, w], mean!.shape)),
      total(moment, [w], scale!.shape),
      ...(weight && bias ? [total(moment, [scale!], weight.shape), total(dy, [], bias.shape)] : []),
    ];
  },
});

/**
 * The sum of x times `factors` over what was repeated, down to `shape`. It is first summed over what neither the factors nor
 * `shape` nor `common` tell apart, so that gradients with one `common` share their pass over x; factors come after it.
 */
function sumOver(x: Tensor, factors: readonly Tensor[], shape: Shape, common: Shape): Tensor {
  const varying = [shape, common, ...factors.map((f) => f.shape)];
  const kept = x.shape.map((extent, d) => (varying.some((s) => (s[d - x.shape.length + s.length] ?? 1) !== 1) ? extent : 1));
  return sumTo(
    factors.reduce((product, f) => mul(product, f), sumTo(x, kept)),
    shape,
  );
}

/** Mean and biased variance over some axes, which stay with extent 1. */
export interface Moments {
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** How many elements each of them is about. */
  readonly count: number;
}

/** Mean and variance of x over `axes`, in two passes: nothing cancels where the mean is large. */
export function moments(x: Tensor, axes: readonly number[]): Moments {
  const over = normalizeAxes("moments", axes, x.shape.length);
  const count = over.reduce((n, a) => n * x.shape[a]!, 1);
  const mean = div(sum(x, over, true), count);
  return { mean, variance: div(squaredDeviation(x, mean, over), count), count };
}

/** Sum of (x - mean)^2 over `axes`, where `mean` is the mean over these axes and perhaps more, over which these sums are then added. */
export const squaredDeviation = (x: Tensor, mean: Tensor, axes: readonly number[]): Tensor =>
  apply(squaredDeviationOp, [x, mean], { axes, atMean: true });

/** (x - mean) / sqrt(variance + eps) * weight + bias, broadcast; without weight and bias where neither is given. */
export function standardize(
  x: Tensor,
  statistics: { readonly mean: Tensor; readonly variance: Tensor },
  affine: { readonly weight?: Tensor | undefined; readonly bias?: Tensor | undefined; readonly eps: number },
): Tensor {
  const scale = pow(add(statistics.variance, affine.eps), -0.5);
  const { weight, bias } = affine;
  const inputs = [x, statistics.mean, scale];
  return apply(standardizeOp, weight || bias ? [...inputs, weight ?? operand(1), bias ?? operand(0)] : inputs, {});
}

/**
 * Variance over `axes` (all by default), which vanish, or stay with extent 1 if `keepDims`: the mean of squared deviations, with
 * `correction` taken off the count. PyTorch's var: 1 by default, which makes it unbiased; 0 is the variance of these numbers.
 */
export function variance(
  x: Tensor,
  axes?: readonly number[],
  options: { readonly correction?: number; readonly keepDims?: boolean } = {},
): Tensor {
  const over = normalizeAxes("variance", axes, x.shape.length);
  const { mean, count } = moments(x, over);
  const kept = div(squaredDeviation(x, mean, over), count - (options.correction ?? 1));
  return options.keepDims
    ? kept
    : reshape(
        kept,
        x.shape.filter((_, d) => !over.includes(d)),
      );
}
