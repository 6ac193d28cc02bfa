/** Pools that are made of ops. */
import { constant, f32, i32, type Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import type { Composite } from "./composites.ts";
import { type Domain, f32Input } from "./opCase.ts";

/** One image for each spatial rank, no extent a multiple of 2 or 3. */
const IMAGES = [
  [2, 3, 11],
  [2, 3, 7, 5],
  [1, 2, 5, 7, 5],
];

const images = (name: string, fn: (x: Tensor) => Tensor, domain: Domain = "normal"): Record<string, Composite> =>
  Object.fromEntries(IMAGES.map((s) => [`${name} of [${s}]`, { inputs: [f32Input(s, domain)], fn: (x) => fn(x!) }]));

// ---- pools of a user's own, one for each way of being one ------------------------------------------------------------

/** log of the sum of e^x: between the maximum and the sum. */
export const logSumExpPool = (x: Tensor, kernel: number, options: ops.WindowOptions = {}): Tensor =>
  ops.windowReduce(
    x,
    kernel,
    (e) => {
      const largest = ops.detach(ops.max(e, [-1], true));
      return ops.add(ops.log(ops.sum(ops.exp(ops.sub(e, largest)), [-1])), ops.reshape(largest, e.shape.slice(0, -1)));
    },
    { fill: Number.NEGATIVE_INFINITY, ...options },
  );

/** Each element weighted by its softmax. Padding is far below everything and yet finite, so that nothing times infinity arises. */
export const softmaxPool = (x: Tensor, kernel: number, options: ops.WindowOptions = {}): Tensor =>
  ops.windowReduce(x, kernel, (e) => ops.sum(ops.mul(ops.softmax(e), e), [-1]), { fill: -1e30, ...options });

/**
 * Stochastic pooling of x > 0: one element, drawn with a probability proportional to it. `draws` are uniform in [0, 1), one for
 * each window. Zeiler, Fergus, "Stochastic pooling for regularization of deep convolutional neural networks", 2013.
 */
export const stochasticPool = (x: Tensor, draws: Tensor, kernel: number): Tensor =>
  ops.windowReduce(x, kernel, (e) => {
    const taps = e.shape.at(-1)!;
    // Ones on and above the diagonal: a product with it sums up to each place.
    const ones = Array.from({ length: taps * taps }, (_, i) => (i % taps >= Math.floor(i / taps) ? 1 : 0));
    const upTo = constant(f32([taps, taps], ones));
    const shares = ops.div(e, ops.sum(e, [-1], true));
    const cumulated = ops.reshape(ops.matmul(ops.reshape(shares, [-1, taps]), upTo), e.shape);
    const passed = ops.select("le", cumulated, ops.reshape(draws, [...draws.shape, 1]), 1, 0);
    return ops.pick(e, ops.argmax(ops.sub(1, passed)), e.shape.length - 1);
  });

export const POOLS: Readonly<Record<string, Composite>> = {
  ...images("avgPool, ceil mode", (x) => ops.avgPool(x, 3, { stride: 2, padding: 1, ceilMode: true })),
  ...images("avgPool without its padding", (x) => ops.avgPool(x, 3, { stride: 2, padding: 1, countIncludePad: false })),
  ...images("avgPool, divided by 5", (x) => ops.avgPool(x, 2, { ceilMode: true, divisorOverride: 5 })),
  ...images("adaptiveAvgPool", (x) => ops.adaptiveAvgPool(x, 3)),
  ...images("adaptiveAvgPool to more", (x) => ops.adaptiveAvgPool(x, 8)),
  ...images("adaptiveMaxPool", (x) => ops.adaptiveMaxPool(x, 3), "apart"),
  ...images("globalAvgPool", (x) => ops.globalAvgPool(x)),
  ...images("globalMaxPool", (x) => ops.globalMaxPool(x), "apart"),
  ...images("lpPool, 1", (x) => ops.lpPool(x, 1, 2)),
  ...images("lpPool, 2", (x) => ops.lpPool(x, 2, 3, { stride: 2, ceilMode: true }), "nonzero"),
  ...images("lpPool, 3.5", (x) => ops.lpPool(x, 3.5, 2), "positive"),
  ...images("log-sum-exp pooling", (x) => logSumExpPool(x, 3, { stride: 2, padding: 1 })),
  ...images("softmax-weighted pooling", (x) => softmaxPool(x, 3, { stride: 2, padding: 1, ceilMode: true })),
  "a maximum as a function of one's own": {
    inputs: [f32Input([2, 3, 5, 4], "apart")],
    fn: (x) => ops.windowReduce(x!, [2, 3], (e) => ops.max(e, [-1]), { stride: 1, fill: Number.NEGATIVE_INFINITY, padding: 1 }),
  },
  "stochastic pooling": {
    inputs: [f32Input([2, 3, 4, 6], "positive"), { shape: [2, 3, 2, 3], dtype: "f32", domain: "normal" }],
    fn: (x, draws) => stochasticPool(x!, ops.detach(ops.sigmoid(draws!)), 2),
  },
  subsample: {
    inputs: [f32Input([2, 3, 6, 4]), f32Input([3]), f32Input([3])],
    fn: (x, coefficient, bias) => ops.subsample(x!, coefficient!, bias!, 2),
  },
  "maxUnpool of a pool's own maxima": {
    inputs: [f32Input([2, 3, 7, 5], "apart"), f32Input([2, 3, 3, 2])],
    fn: (x, y) => ops.maxUnpool(y!, ops.maxPoolWithIndices(x!, 2).indices, 2, { outputSize: [7, 5] }),
  },
  "maxUnpool of overlapping windows, every place once": {
    inputs: [f32Input([1, 2, 3, 3])],
    fn: (y) => ops.maxUnpool(y!, constant(i32([1, 2, 3, 3], [0, 9, 2, 3, 4, 5, 6, 7, 8, 15, 1, 2, 3, 4, 5, 6, 7, 8])), 2, { stride: 1 }),
  },
  fractionalMaxPool: {
    inputs: [f32Input([2, 3, 7, 9], "apart"), f32Input([2, 3, 2])],
    fn: (x, u) => ops.fractionalMaxPool(x!, [2, 3], { outputSize: [4, 5], samples: ops.detach(ops.sigmoid(u!)) }),
  },
};
