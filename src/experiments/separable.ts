import { separableSavings } from "../analysis/separability/separableSavings.ts";
import { svd } from "../analysis/separability/svd.ts";
import { NdArray } from "../base/ndarray.ts";
import { countOf, type Dataset } from "../data/dataset.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import type { Module } from "../nn/module.ts";
import { count } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { type Classifier, featuresOf, netRow, sequence } from "./lab/classifier.ts";
import { wholeEpochs } from "./lab/lab.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { difference } from "./report/difference.ts";
import type { NetRow, Picture } from "./report/report.ts";
import { meanOf, spreadOf } from "./report/spread.ts";
import { change, comparison, listed, meanPercent, points, sentence, written } from "./report/words.ts";

const KERNEL = 5;
const RANKS = [1, 2, 3, 4, 5] as const;
const STYLES = ["full", "depthwise-separable"] as const;
type Style = (typeof STYLES)[number];

/** A trained network whose kernels are replaced by sums of columns times rows. */
interface RankRun {
  readonly seed: number;
  /** Test accuracy as trained. */
  readonly trained: number;
  /** By rank - 1: test accuracy of the best planes of that rank, without further training. */
  readonly accuracy: readonly number[];
  /** By rank - 1: share of the squared weights that these planes keep, of random weights before training and of learnt ones. */
  readonly keptBefore: readonly number[];
  readonly keptAfter: readonly number[];
}

interface StyleRun {
  readonly style: Style;
  readonly width: number;
  readonly seed: number;
  readonly testAccuracy: number;
}

interface Results {
  readonly data: { readonly train: number; readonly test: number; readonly name: string };
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly nets: readonly NetRow[];
  /** Multiply-adds of the convolutions for one image: as they are, and by rank - 1. */
  readonly work: { readonly full: number; readonly byRank: readonly number[] };
  readonly ranks: readonly RankRun[];
  readonly widths: readonly number[];
  readonly styles: readonly StyleRun[];
  readonly pictures: readonly Picture[];
}

/** A11: how separable are learnt kernels, and what do separable ones save? */
export const separable: Experiment<Results> = {
  name: "separable",
  line: "learnt kernels as sums of columns times rows: accuracy against multiply-adds; depthwise-separable networks",
  question: "How separable are learnt kernels?",
  why: `A kernel that is a column times a row can be applied in two cheap passes. Any kernel is a sum of such products, the largest first. How much
of a learnt kernel the first one holds, and how much accuracy goes with the rest, says what a network could save afterwards. A
depthwise-separable layer goes another way: it learns under that restriction from the start.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const seeds = lab.seeds(5);
    const widths = lab.choose([4, 8, 16], [4]);
    const images = Math.min(lab.choose(4000, 64), countOf(allTrain));
    const steps = wholeEpochs(images, lab.choose(700, 8));
    const test = firstImages(allTest, lab.choose(2000, 64));
    const jobs = seeds.flatMap((seed) => [
      { seed, style: undefined, width: 0 },
      ...widths.flatMap((width) => STYLES.map((style) => ({ seed, style, width }))),
    ]);
    const ranks: RankRun[] = [];
    const styles: StyleRun[] = [];
    let pictures: readonly Picture[] = [];
    let work: Results["work"] | undefined;
    await lab.each(
      jobs,
      ({ style, width, seed }) => (style === undefined ? `kernels, seed ${seed}` : `${style}, width ${width}, seed ${seed}`),
      async ({ style, width, seed }) => {
        const train = someImages(allTrain, images, seed);
        if (style !== undefined) {
          const model = styleNet(style, width, train);
          await lab.train(model, { train, seed, steps, lr: 0.03 });
          const [testAccuracy] = await lab.accuracies(model, test);
          styles.push({ style, width, seed, testAccuracy: testAccuracy! });
          return;
        }
        const { model, convs } = rankNet(train);
        model.initialize(seed);
        const keptBefore = kept(convs);
        await lab.train(model, { train, seed, steps, lr: 0.03 });
        const keptAfter = kept(convs);
        const [trained] = await lab.accuracies(model, test);
        const learnt = convs.map(({ weight }) => weight.read());
        if (seed === seeds[0]) pictures = kernelPictures(learnt[0]!);
        const { totals, rows } = separableSavings(model as Module as never, train.imageShape as never);
        work ??= {
          full: totals.multiplyAdds,
          byRank: RANKS.map((r) => rows.reduce((sum, row) => sum + row.byRank[r - 1]!.multiplyAdds, 0)),
        };
        const accuracy: number[] = [];
        for (const rank of RANKS) {
          for (const [i, { weight }] of convs.entries()) weight.write(ofRank(learnt[i]!, rank));
          accuracy.push((await lab.accuracies(model, test))[0]!);
        }
        ranks.push({ seed, trained: trained!, accuracy, keptBefore, keptAfter });
      },
      ({ width }) => width + 4,
    );
    const nets = [
      netRow(
        "kernels",
        "conv 5 x 5, 8; ReLU; max-pool 2; conv 5 x 5, 16; ReLU; max-pool 2; dense",
        rankNet(allTrain).model,
        allTrain.imageShape,
      ),
      ...widths.flatMap((width) =>
        STYLES.map((style) => netRow(`${style}, ${width}`, styleText(style, width), styleNet(style, width, allTrain), allTrain.imageShape)),
      ),
    ];
    const data = { train: images, test: countOf(test), name: allTrain.name };
    return { results: { data, steps, seeds, nets, work: work!, ranks, widths, styles, pictures } };
  },

  report({ data, steps, seeds, nets, work, ranks, widths, styles, pictures }) {
    const trained = ranks.map((run) => run.trained);
    const at = (rank: number): number[] => ranks.map((run) => run.accuracy[rank - 1]!);
    const keptAt = (rank: number, when: "keptBefore" | "keptAfter"): number[] => ranks.map((run) => run[when][rank - 1]!);
    const of = (style: Style, width: number): number[] =>
      styles.filter((run) => run.style === style && run.width === width).map((run) => run.testAccuracy);
    const row = (style: Style, width: number): NetRow => nets.find(({ name }) => name === `${style}, ${width}`)!;
    const one = difference(at(1), trained);
    const grown = difference(keptAt(1, "keptAfter"), keptAt(1, "keptBefore"));
    const enough = RANKS.find((rank) => meanOf(trained) - meanOf(at(rank)) < 0.005);
    const widest = widths.at(-1)!;
    return {
      answer:
        `One column times one row keeps ${meanPercent(keptAt(1, "keptAfter"))} of the squared weights of a learnt kernel` +
        `${{ above: ", more than of a random one", below: ", less than of a random one", unclear: ", as of a random one" }[grown.sign]}. ` +
        `Keeping only that ${one.sign === "below" ? `costs ${points(one.mean)} of accuracy without further training` : "costs no accuracy that could be shown"}, ` +
        `with ${written(work.byRank[0]! / work.full, "percent")} of the multiply-adds.`,
      headlines: [
        {
          label: "In one product",
          value: spreadOf(keptAt(1, "keptAfter")),
          format: "percent",
          more: "of a learnt kernel's squared weights",
        },
        { label: "As trained", value: spreadOf(trained), format: "percent", more: "of test images right" },
        { label: "One product each", value: spreadOf(at(1)), format: "percent", more: "of test images right, not trained further" },
        {
          label: `Depthwise, width ${widest}`,
          value: spreadOf(of("depthwise-separable", widest)),
          format: "percent",
          more: `right, with ${written(row("depthwise-separable", widest).multiplyAdds / row("full", widest).multiplyAdds, "percent")} of the multiply-adds`,
        },
      ],
      setup: [
        ["Data", `${count(data.train)} images of ${data.name}, drawn anew for each seed; ${count(data.test)} test images`],
        [
          "Kernels",
          "each 5 x 5 plane, for one input and one output map, replaced by the best sum of so many columns times rows (singular value decomposition)",
        ],
        ["Depthwise-separable", "one plane for each input map, then 1 x 1 across maps, in place of the second and third convolution"],
        ["Training", `SGD, momentum 0.9, batches of 32, ${steps} steps, learning rate 0.03 down to 0 by a cosine`],
        ["Seeds", `${listed(seeds.map(String))}: images, weights and order`],
      ],
      nets,
      blocks: [
        ...(pictures.length > 0
          ? [
              {
                kind: "pictures",
                title: "Learnt kernels of the first layer, and the one column times row that is nearest",
                items: pictures,
                note: "Each on its own scale: blue above zero, orange below.",
              } as const,
            ]
          : []),
        {
          kind: "chart",
          title: "Accuracy by rank",
          x: { label: "columns times rows per kernel", format: "count", ticks: RANKS.map((r) => ({ value: r, label: `${r}` })) },
          y: { label: "test accuracy, not trained further", format: "percent", high: 1 },
          series: [
            { name: "of this rank", points: RANKS.map((x) => ({ x, y: spreadOf(at(x)) })) },
            { name: "as trained", points: RANKS.map((x) => ({ x, y: meanOf(trained) })) },
          ],
        },
        {
          kind: "chart",
          title: "What the first products hold",
          x: { label: "columns times rows per kernel", format: "count", ticks: RANKS.map((r) => ({ value: r, label: `${r}` })) },
          y: { label: "share of the squared weights", format: "percent", high: 1 },
          series: [
            { name: "learnt", points: RANKS.map((x) => ({ x, y: spreadOf(keptAt(x, "keptAfter")) })) },
            { name: "random, before training", points: RANKS.map((x) => ({ x, y: spreadOf(keptAt(x, "keptBefore")) })) },
          ],
        },
        {
          kind: "chart",
          title: "Full and depthwise-separable",
          x: { label: "multiply-adds for one image", format: "count", scale: "log" },
          y: { label: "test accuracy", format: "percent", high: 1 },
          series: STYLES.map((style) => ({
            name: style,
            points: widths.map((width) => ({ x: row(style, width).multiplyAdds, y: spreadOf(of(style, width)) })),
          })),
          note: `Widths ${listed(widths.map(String))}, from left to right.`,
        },
        {
          kind: "table",
          title: "By rank",
          columns: [
            { name: "Columns times rows" },
            { name: "Test accuracy", format: "percent" },
            { name: "Kept of the squares, learnt", format: "percent" },
            { name: "Kept, random", format: "percent" },
            { name: "Multiply-adds", format: "count", bar: true },
          ],
          rows: [
            ...RANKS.map((r) => [
              `${r}`,
              spreadOf(at(r)),
              spreadOf(keptAt(r, "keptAfter")),
              spreadOf(keptAt(r, "keptBefore")),
              work.byRank[r - 1],
            ]),
            ["as trained", spreadOf(trained), 1, 1, work.full],
          ],
          note: "Multiply-adds of the convolutions alone, for one image, each plane in two passes.",
        },
        {
          kind: "table",
          title: "Full and depthwise-separable networks",
          columns: [
            { name: "Network" },
            { name: "Test accuracy", format: "percent" },
            { name: "Parameters", format: "count" },
            { name: "Multiply-adds", format: "count", bar: true },
          ],
          rows: widths.flatMap((width) =>
            STYLES.map((style) => [
              `${style}, ${width}`,
              spreadOf(of(style, width)),
              row(style, width).parameters,
              row(style, width).multiplyAdds,
            ]),
          ),
        },
      ],
      says: [
        `With one column times one row for each kernel the network ${change(trained, at(1))}. ` +
          `${enough === undefined ? "No rank comes within half a point of the network as trained." : `From rank ${enough} on the mean is within half a point of the network as trained, at ${written(work.byRank[enough - 1]! / work.full, "percent")} of the multiply-adds.`}`,
        `One product holds ${meanPercent(keptAt(1, "keptAfter"))} of the squared weights of learnt kernels and ${meanPercent(keptAt(1, "keptBefore"))} of random ones: ` +
          `${{ above: "training makes kernels more separable.", below: "training makes kernels less separable.", unclear: "no clear effect of training." }[grown.sign]}`,
        ...widths.map(
          (width) =>
            `${sentence(`at width ${width}, ${comparison("the depthwise-separable network", of("depthwise-separable", width), "the full one", of("full", width))}`)}, ` +
            `with ${written(row("depthwise-separable", width).multiplyAdds / row("full", width).multiplyAdds, "percent")} of its multiply-adds and ` +
            `${written(row("depthwise-separable", width).parameters / row("full", width).parameters, "percent")} of its parameters.`,
        ),
      ],
    };
  },
};

function rankNet({ imageShape, classes }: Dataset): {
  readonly model: Classifier;
  readonly convs: readonly Conv2d<number, number, number, 1, 2>[];
} {
  const convs = [new Conv2d(imageShape[0], 8, KERNEL, { padding: 2 }), new Conv2d(8, 16, KERNEL, { padding: 2 })] as const;
  const body = [convs[0], new ReLU(), new MaxPool2d(2), convs[1], new ReLU(), new MaxPool2d(2), new Flatten()];
  const all = convs as unknown as readonly Conv2d<number, number, number, 1, 2>[];
  return { model: sequence(...body, new Linear(featuresOf(body, imageShape), classes.length)), convs: all };
}

const styleText = (style: Style, width: number): string => {
  const conv = (k: number, to: number): string =>
    style === "full" ? `conv ${k} x ${k}, ${to}` : `depthwise ${k} x ${k}, conv 1 x 1, ${to}`;
  return `conv 5 x 5, ${width}; ReLU; max-pool 2; ${conv(5, 2 * width)}; ReLU; max-pool 2; ${conv(3, 2 * width)}; ReLU; dense`;
};

function styleNet(style: Style, width: number, { imageShape, classes }: Dataset): Classifier {
  const conv = (from: number, to: number, k: number): readonly Module[] =>
    style === "full"
      ? [new Conv2d(from, to, k, { padding: (k - 1) / 2 })]
      : [new Conv2d(from, from, k, { padding: (k - 1) / 2, groups: from, bias: false }), new Conv2d(from, to, 1)];
  const body = [
    new Conv2d(imageShape[0], width, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    ...conv(width, 2 * width, 5),
    new ReLU(),
    new MaxPool2d(2),
    ...conv(2 * width, 2 * width, 3),
    new ReLU(),
    new Flatten(),
  ];
  return sequence(...body, new Linear(featuresOf(body, imageShape), classes.length));
}

const TAPS = KERNEL * KERNEL;
const planeOf = ({ data }: NdArray, i: number): ArrayLike<number> => data.subarray(i * TAPS, (i + 1) * TAPS);

/** By rank - 1: share of the squared weights of all planes that the best planes of that rank keep. */
function kept(convs: readonly Conv2d<number, number, number, 1, 2>[]): number[] {
  const sums = RANKS.map(() => 0);
  let all = 0;
  for (const { weight } of convs) {
    const value = weight.read();
    for (let i = 0; i < value.data.length / TAPS; i++) {
      const { s } = svd(planeOf(value, i), KERNEL, KERNEL);
      let sum = 0;
      s.forEach((x, r) => {
        sum += x * x;
        sums[r]! += sum;
      });
      all += sum;
    }
  }
  return sums.map((sum) => sum / all);
}

/** The weight with each plane replaced by the best one of this rank. */
function ofRank(weight: NdArray, rank: number): NdArray {
  const result = new NdArray("f32", weight.shape);
  for (let plane = 0; plane < weight.data.length / TAPS; plane++) {
    const { s, u, v } = svd(planeOf(weight, plane), KERNEL, KERNEL);
    for (let tap = 0; tap < TAPS; tap++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += s[r]! * u[r]![Math.floor(tap / KERNEL)]! * v[r]![tap % KERNEL]!;
      result.data[plane * TAPS + tap] = sum;
    }
  }
  return result;
}

/** Some planes and their approximations by rank 1, side by side. */
function kernelPictures(weight: NdArray): readonly Picture[] {
  const nearest = ofRank(weight, 1);
  return Array.from({ length: Math.min(3, weight.shape[0]!) }, (_, i) => {
    const plane = i * weight.shape[1]!;
    const shape = [KERNEL, KERNEL];
    return [
      { caption: `kernel ${i + 1}`, kind: "signed" as const, shape, data: Array.from(planeOf(weight, plane)) },
      { caption: "one column times one row", kind: "signed" as const, shape, data: Array.from(planeOf(nearest, plane)) },
    ];
  }).flat();
}
