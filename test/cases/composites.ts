/** Functions that are made of ops and have no kernel of their own: norms, losses, some activations. */
import { constant, i32, type Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { f32Input, type Input, i32Input } from "./opCase.ts";
import { POOLS } from "./poolComposites.ts";

export interface Composite {
  readonly inputs: readonly Input[];
  readonly fn: (...x: readonly Tensor[]) => Tensor;
}

/** One shape for each spatial rank from 0 to 3, with 6 channels. */
const IMAGES = [
  [5, 6],
  [3, 6, 4],
  [2, 6, 3, 4],
  [2, 6, 2, 3, 2],
];
const SPATIAL = IMAGES.slice(1);
const c6 = [f32Input([6]), f32Input([6])];
const key = (): Tensor => constant(i32([], [12345]));

/** The same function of images of several ranks, with other inputs after them. */
const images = (name: string, shapes: readonly number[][], fn: Composite["fn"], more: readonly Input[] = []): Record<string, Composite> =>
  Object.fromEntries(shapes.map((s) => [`${name} of [${s}]`, { inputs: [f32Input(s), ...more], fn }]));

const norms: Record<string, Composite> = {
  ...images("batchNorm, training", IMAGES, (x, weight, bias) => ops.batchNorm(x!, ops.batchStatistics(x!), { weight, bias }), c6),
  ...images("batchNorm, training, plain", SPATIAL, (x) => ops.batchNorm(x!, ops.batchStatistics(x!), { eps: 0.1 })),
  ...images(
    "batchNorm, evaluating",
    IMAGES,
    (x, weight, bias, mean, variance) => ops.batchNorm(x!, { mean: mean!, variance: variance! }, { weight, bias }),
    [...c6, f32Input([6]), f32Input([6], "positive")],
  ),
  ...images("running averages", IMAGES, (x, mean, variance) => {
    const batch = ops.batchStatistics(x!);
    return ops.add(ops.runningAverage(mean!, batch.mean, 0.1), ops.runningAverage(variance!, batch.unbiasedVariance, 0.3));
  }, c6), // biome-ignore format: one entry
  ...images("instanceNorm", SPATIAL, (x, weight, bias) => ops.instanceNorm(x!, { weight, bias }), c6),
  ...images("groupNorm, 2 groups", IMAGES, (x, weight, bias) => ops.groupNorm(x!, 2, { weight, bias }), c6),
  ...images("groupNorm, 1 group, plain", SPATIAL, (x) => ops.groupNorm(x!, 1)),
  ...images("groupNorm, 6 groups, weight alone", SPATIAL, (x, weight) => ops.groupNorm(x!, 6, { weight }), c6.slice(1)),
  ...images("localResponseNorm, 5", IMAGES, (x) => ops.localResponseNorm(x!, 5, { alpha: 0.5 })),
  ...images("localResponseNorm, 4, odd power", SPATIAL, (x) => ops.localResponseNorm(x!, 4, { alpha: 0.7, beta: 0.6, k: 2 })),
  "layerNorm over the last axis": {
    inputs: [f32Input([3, 4, 7]), f32Input([7]), f32Input([7])],
    fn: (x, weight, bias) => ops.layerNorm(x!, [7], { weight, bias }),
  },
  "layerNorm over two axes": {
    inputs: [f32Input([3, 4, 5]), f32Input([4, 5]), f32Input([4, 5])],
    fn: (x, weight, bias) => ops.layerNorm(x!, [4, 5], { weight, bias }),
  },
  "layerNorm, plain": { inputs: [f32Input([2, 9])], fn: (x) => ops.layerNorm(x!, [9], { eps: 0.01 }) },
  "variance over some axes": { inputs: [f32Input([2, 3, 4])], fn: (x) => ops.variance(x!, [0, 2]) },
  "variance, biased, of all": { inputs: [f32Input([7])], fn: (x) => ops.variance(x!, undefined, { correction: 0, keepDims: true }) },
};

const activations: Record<string, Composite> = {
  selu: { inputs: [f32Input([23], "wide")], fn: (x) => ops.selu(x!) },
  celu: { inputs: [f32Input([23], "wide")], fn: (x) => ops.celu(x!, 0.7) },
  "gelu far out": { inputs: [f32Input([23], "wide")], fn: (x) => ops.gelu(x!) },
  "gelu by tanh far out": { inputs: [f32Input([23], "wide")], fn: (x) => ops.gelu(x!, { approximate: "tanh" }) },
  "softplus far out": { inputs: [f32Input([23], "wide")], fn: (x) => ops.softplus(x!, 3, 15) },
  rrelu: { inputs: [f32Input([11], "wide")], fn: (x) => ops.rrelu(x!) },
  relu6: { inputs: [f32Input([23], "wide")], fn: (x) => ops.relu6(x!) },
  tanhshrink: { inputs: [f32Input([23])], fn: (x) => ops.tanhshrink(x!) },
  softmin: { inputs: [f32Input([4, 5])], fn: (x) => ops.softmin(x!, 1) },
  "glu of the last axis": { inputs: [f32Input([3, 8])], fn: (x) => ops.glu(x!) },
  "glu of channels": { inputs: [f32Input([2, 6, 3, 2])], fn: (x) => ops.glu(x!, 1) },
  ...images("prelu, a slope for each channel", IMAGES, (x, weight) => ops.prelu(x!, weight!), [f32Input([6])]),
  "prelu, one slope": { inputs: [f32Input([2, 3, 4], "apart"), f32Input([1])], fn: (x, weight) => ops.prelu(x!, weight!) },
};

const reductions = ["mean", "sum", "none"] as const;
const pairs = (
  name: string,
  fn: (x: Tensor, t: Tensor, reduction: ops.Reduction) => Tensor,
  domain: Input["domain"] = "normal",
): Record<string, Composite> =>
  Object.fromEntries(
    reductions.map((reduction) => [
      `${name}, ${reduction}`,
      { inputs: [f32Input([4, 5], domain), f32Input([4, 5], domain)], fn: (x, t) => fn(x!, t!, reduction) },
    ]),
  );

/** Labels reach beyond both ends of the classes. */
const labelled = (name: string, fn: (x: Tensor, t: Tensor, w: Tensor, reduction: ops.Reduction) => Tensor): Record<string, Composite> =>
  Object.fromEntries(
    reductions.flatMap((reduction) =>
      [[6], [3, 4], [3, 2, 3]].map(([n, ...space]): [string, Composite] => [
        `${name}, ${reduction}, of [${[n, 5, ...space]}]`,
        {
          inputs: [f32Input([n!, 5, ...space]), i32Input([n!, ...space], -1, 6), f32Input([5], "positive")],
          fn: (x, t, w) => fn(x!, t!, w!, reduction),
        },
      ]),
    ),
  );

const losses: Record<string, Composite> = {
  ...labelled("crossEntropy", (x, t, _, reduction) => ops.crossEntropy(x, t, { reduction, ignoreIndex: -1 })),
  ...labelled("crossEntropy of all options", (x, t, weight, reduction) =>
    ops.crossEntropy(x, t, { reduction, weight, ignoreIndex: 2, labelSmoothing: 0.3 }),
  ),
  ...labelled("nllLoss", (x, t, weight, reduction) => ops.nllLoss(x, t, { reduction, weight, ignoreIndex: 0 })),
  ...pairs("crossEntropy of probabilities", (x, t, reduction) => ops.crossEntropy(x, t, { reduction, labelSmoothing: 0.1 }), "unit"),
  ...pairs("mseLoss", (x, t, reduction) => ops.mseLoss(x, t, { reduction })),
  ...pairs("l1Loss", (x, t, reduction) => ops.l1Loss(x, t, { reduction }), "apart"),
  // Differences are multiples of 0.1: the kinks lie between.
  ...pairs("smoothL1Loss", (x, t, reduction) => ops.smoothL1Loss(x, t, { reduction, beta: 0.33 }), "apart"),
  ...pairs("smoothL1Loss, beta 0", (x, t, reduction) => ops.smoothL1Loss(x, t, { reduction, beta: 0 }), "apart"),
  ...pairs("huberLoss", (x, t, reduction) => ops.huberLoss(x, t, { reduction, delta: 0.76 }), "apart"),
  ...pairs("bce", (x, t, reduction) => ops.bce(x, t, { reduction }), "unit"),
  ...pairs("bceWithLogits", (x, t, reduction) => ops.bceWithLogits(x, t, { reduction }), "wide"),
  ...pairs("klDiv", (x, t, reduction) => ops.klDiv(x, t, { reduction }), "unit"),
  ...pairs("klDiv of logarithms", (x, t, reduction) => ops.klDiv(x, t, { reduction, logTarget: true })),
  "klDiv, batchmean": { inputs: [f32Input([3, 4]), f32Input([3, 4], "unit")], fn: (x, t) => ops.klDiv(x!, t!, { reduction: "batchmean" }) },
  "bce with weights": {
    inputs: [f32Input([4, 5], "unit"), f32Input([4, 5], "unit"), f32Input([5], "positive")],
    fn: (x, t, weight) => ops.bce(x!, t!, { weight }),
  },
  "bceWithLogits with weights": {
    inputs: [f32Input([4, 5]), f32Input([4, 5], "unit"), f32Input([4, 1], "positive"), f32Input([5], "positive")],
    fn: (x, t, weight, posWeight) => ops.bceWithLogits(x!, t!, { weight, posWeight }),
  },
};

const dropouts: Record<string, Composite> = {
  ...images("dropout", IMAGES, (x) => ops.dropout(x!, 0.3, key())),
  ...images("dropout of everything", SPATIAL, (x) => ops.dropout(x!, 1, key())),
  ...images("channelDropout", IMAGES, (x) => ops.channelDropout(x!, 0.3, key())),
  ...images("alphaDropout", IMAGES, (x) => ops.alphaDropout(x!, 0.3, key())),
  ...images("channelAlphaDropout", SPATIAL, (x) => ops.channelAlphaDropout(x!, 0.3, key())),
};

/** Every composite by name. */
export const COMPOSITES: Readonly<Record<string, Composite>> = { ...norms, ...activations, ...losses, ...dropouts, ...POOLS };
