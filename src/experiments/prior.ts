import { toeplitz } from "../analysis/toeplitz.ts";
import { f32, type NdArray } from "../base/ndarray.ts";
import { sizeOf } from "../base/shape.ts";
import { countOf, type Dataset } from "../data/dataset.ts";
import type { Parameter } from "../ir/state.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { LocallyConnected2d } from "../nn/layers/locallyConnected.ts";
import { compile } from "../runtime/compile.ts";
import { classify, normalize } from "../train/classify.ts";
import { count, significant } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { type Classifier, featuresOf, netRow, sequence } from "./lab/classifier.ts";
import { shareRight, wholeEpochs } from "./lab/lab.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { difference } from "./report/difference.ts";
import type { NetRow } from "./report/report.ts";
import { meanOf, spreadOf } from "./report/spread.ts";
import { comparison, listed, sentence, written } from "./report/words.ts";

const NETS = ["convolution", "untied", "dense as convolution", "random dense"] as const;
type NetName = (typeof NETS)[number];

/** The network at one moment of its training. */
interface Moment {
  readonly accuracy: number;
  /** |scores - scores of the convolution at the same moment| / |those|, a mean over test images. */
  readonly distance: number;
  /** Share of the first layer's squared weights that lies outside the field; undefined where there is no outside. */
  readonly outside: number | null;
  /** Share of the squared weights within the field that weights of one tie do not have in common; undefined where they are one. */
  readonly untied: number | null;
}

interface Run {
  readonly net: NetName;
  readonly seed: number;
  /** Before training, and after each epoch. */
  readonly moments: readonly Moment[];
  /** Largest difference of a score to the convolution's before training, relative to the largest score. */
  readonly startDifference: number;
}

interface Results {
  readonly data: { readonly train: number; readonly test: number; readonly name: string };
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly nets: readonly NetRow[];
  /** Of the first layer's dense matrix: places, those within the field, and different values they hold at the start. */
  readonly matrix: { readonly places: number; readonly within: number; readonly values: number };
  readonly runs: readonly Run[];
}

const MAPS = 8;
const KERNEL = 5;
const STRIDE = 2;
/** Scores that differ by less, relative to the largest, are the same but for rounding. */
const ROUNDING = 1e-4;

/** H1: a convolution is a dense layer with an infinitely strong prior; what happens when the prior is only a start? */
export const prior: Experiment<Results> = {
  name: "prior",
  line: "a dense layer that starts as the equivalent of a convolution: the same outputs, then training parts them",
  question: "What does the convolutional prior forbid, and does it last as a mere start?",
  why: `A convolutional layer is a dense one under an infinitely strong prior: weights outside a unit's field are zero, and units at different
places have the same weights. The equivalent dense layer can be written down, weight by weight. Both then compute the same, but only one of
them has to keep it so. What training does to the other shows whether the prior is a constraint that the data resists.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const seeds = lab.seeds();
    const images = Math.min(lab.choose(1000, 64), countOf(allTrain));
    const steps = wholeEpochs(images, lab.choose(372, 4));
    const test = firstImages(allTest, lab.choose(1000, 64));
    const convScores = new Map<number, Float32Array[]>();
    const ties = tiesOf(test);
    const jobs = seeds.flatMap((seed) => NETS.map((net) => ({ seed, net })));
    const runs = await lab.each(
      jobs,
      ({ net, seed }) => `${net}, seed ${seed}`,
      async ({ net, seed }): Promise<Run> => {
        const train = someImages(allTrain, images, seed);
        const { model, first } = makeNet(net, train, seed);
        const program = await compile(lab.backend, { images: { shape: test.images.shape, dtype: "u8" } }, (batch) =>
          classify(model, normalize(batch.images, test)),
        );
        const scores: Float32Array[] = [];
        const weights: NdArray[] = [];
        const look = async (): Promise<void> => {
          scores.push((await program.run({ images: test.images.data })).output.data as Float32Array);
          weights.push(first.read());
        };
        await look();
        await lab.train(model, { train, seed, steps, lr: 0.03, onEpoch: look });
        await program.close();
        if (net === "convolution") convScores.set(seed, scores);
        const own = convScores.get(seed)!;
        const moments = scores.map((s, i): Moment => {
          const { outside, untied } = tiedness(net, weights[i]!, ties);
          return { accuracy: shareRight(largest(s, countOf(test)), test), distance: distance(s, own[i]!, countOf(test)), outside, untied };
        });
        return { net, seed, moments, startDifference: largestDifference(scores[0]!, own[0]!) };
      },
      ({ net }) => (net.includes("dense") ? 4 : 1),
    );
    const nets = NETS.map((net) => netRow(net, LAYERS[net], makeNet(net, allTrain, 0).model, allTrain.imageShape));
    const within = ties.reduce((n, tie) => n + Number(tie > 0), 0);
    const matrix = { places: ties.length, within, values: MAPS * allTrain.imageShape[0] * KERNEL * KERNEL };
    return { results: { data: { train: images, test: countOf(test), name: allTrain.name }, steps, seeds, nets, matrix, runs } };
  },

  report({ data, steps, seeds, nets, matrix, runs }) {
    const of = (net: NetName, value: (run: Run) => number): number[] => runs.filter((run) => run.net === net).map(value);
    const epochs = runs[0]!.moments.map((_, i) => i);
    const last = epochs.length - 1;
    const end = (net: NetName): number[] => of(net, (run) => run.moments[last]!.accuracy);
    const start = Math.max(...["untied", "dense as convolution"].flatMap((net) => of(net as NetName, (run) => run.startDifference)));
    const outside = meanOf(of("dense as convolution", (run) => run.moments[last]!.outside ?? 0));
    const untied = (net: NetName): number => meanOf(of(net, (run) => run.moments[last]!.untied ?? 0));
    const parted = meanOf(of("dense as convolution", (run) => run.moments[last]!.distance));
    const parameters = (net: NetName): number => nets.find(({ name }) => name === net)!.parameters;
    const over = (
      title: string,
      label: string,
      names: readonly NetName[],
      format: "percent" | "number",
      value: (m: Moment) => number | null,
    ) =>
      ({
        kind: "chart",
        title,
        x: { label: "epochs of training", format: "count" },
        y: { label, format, ...(format === "percent" ? {} : { low: 0 }) },
        series: names.map((net) => ({
          name: net,
          look: NETS.indexOf(net),
          points: epochs.map((x) => ({ x, y: spreadOf(of(net, (run) => value(run.moments[x]!) ?? Number.NaN)) })),
        })),
      }) as const;
    return {
      answer: answerOf(
        start < ROUNDING,
        difference(end("dense as convolution"), end("random dense")).sign,
        difference(end("dense as convolution"), end("convolution")).sign,
      ),
      headlines: NETS.map((net) => ({
        label: sentence(net),
        value: spreadOf(end(net)),
        format: "percent",
        more: `of test images right; ${count(parameters(net))} parameters`,
      })),
      setup: [
        ["Data", `${count(data.train)} images of ${data.name}, drawn anew for each seed; ${count(data.test)} test images`],
        [
          "Start",
          "the convolution's weights written into the other layers: repeated at each position (untied), and with zeros outside the fields (dense as convolution). All have the same classifier at the start, random dense too.",
        ],
        [
          "Training",
          `SGD, momentum 0.9, batches of 32, ${steps} steps, learning rate 0.03 down to 0 by a cosine, the same batches for all`,
        ],
        [
          "First layer",
          `as a dense matrix it has ${count(matrix.places)} places; ${count(matrix.within)} lie within a field and hold ${count(matrix.values)} different values, ${count(matrix.places - matrix.within)} are zero`,
        ],
        ["Seeds", `${listed(seeds.map(String))}: images, weights and order`],
      ],
      nets,
      blocks: [
        over("Test accuracy", "test accuracy", NETS, "percent", (m) => m.accuracy),
        over(
          "Distance of the scores from the convolution’s",
          "relative distance, mean over test images",
          NETS.slice(1),
          "number",
          (m) => m.distance,
        ),
        over("Weight outside the fields", "share of the squared weights", ["dense as convolution"], "percent", (m) => m.outside),
        over(
          "What tied weights do not share",
          "share of the squared weights within the fields",
          ["untied", "dense as convolution"],
          "percent",
          (m) => m.untied,
        ),
        {
          kind: "table",
          title: "At the end",
          columns: [
            { name: "Network" },
            { name: "Parameters", format: "count" },
            { name: "Test accuracy", format: "percent" },
            { name: "Distance at the start", format: "number" },
            { name: "Distance at the end", format: "number" },
            { name: "Outside the fields", format: "percent" },
            { name: "Not shared", format: "percent" },
          ],
          rows: NETS.map((net) => {
            const final = (value: (m: Moment) => number | null): number[] | undefined => {
              const all = runs.filter((run) => run.net === net).map((run) => value(run.moments[last]!));
              return all.some((v) => v === null) ? undefined : (all as number[]);
            };
            const spread = (values: number[] | undefined) => values && spreadOf(values);
            return [
              net,
              parameters(net),
              spreadOf(end(net)),
              spreadOf(of(net, (run) => run.moments[0]!.distance)),
              spreadOf(of(net, (run) => run.moments[last]!.distance)),
              spread(final((m) => m.outside)),
              spread(final((m) => m.untied)),
            ];
          }),
        },
      ],
      says: [
        start === 0
          ? "Before training the three networks with the convolution's weights give the same scores, bit for bit."
          : start < ROUNDING
            ? `Before training the three networks with the convolution's weights give the same scores: they differ by ${significant(start)} of the largest at most, which is rounding.`
            : `Before training the scores differ by ${significant(start)} of the largest: more than rounding explains.`,
        `After it the dense layer that started as a convolution gives scores that are off by ${written(parted, "percent")} of their length; ` +
          `${written(outside, "percent")} of its squared weights lie outside the fields, and within them ${written(untied("dense as convolution"), "percent")} are no longer shared ` +
          `(${written(untied("untied"), "percent")} in the untied layer).`,
        `At the end ${comparison("the dense layer that started as a convolution", end("dense as convolution"), "the random one", end("random dense"))}.`,
        `Beside the convolution: ${comparison("the dense layer that started as one", end("dense as convolution"), "it", end("convolution"))}; ` +
          `${comparison("the untied layer", end("untied"), "it", end("convolution"))}.`,
        `The prior takes the first layer from ${count(matrix.places)} weights to ${count(matrix.values)}: ${count(matrix.places / matrix.values)} times fewer.`,
      ],
    };
  },
};

type Sign = "above" | "below" | "unclear";

function answerOf(same: boolean, beside: Sign, conv: Sign): string {
  const head = same
    ? "The equivalent dense layer computes the same, and training parts them."
    : "The dense layer does not compute the same as the convolution.";
  const start = {
    above: "As a start the prior is worth something: the dense layer ends better than one with random weights",
    below: "As a start the prior even harms: the dense layer ends worse than one with random weights",
    unclear: "As a start the prior shows no clear use: the dense layer ends like one with random weights",
  }[beside];
  const end = {
    above: "and better than the convolution itself.",
    below: "but worse than the convolution, which has to keep it.",
    unclear: "and not clearly apart from the convolution.",
  }[conv];
  return `${head} ${start}, ${end}`;
}

const LAYERS: { readonly [N in NetName]: string } = {
  convolution: `conv ${KERNEL} x ${KERNEL}, stride ${STRIDE}, ${MAPS} maps; ReLU; dense`,
  untied: "locally connected, with the convolution's weights at each place; ReLU; dense",
  "dense as convolution": "dense, with the convolution's weights and zeros; ReLU; dense",
  "random dense": "dense; ReLU; dense",
};

/** The network and the weights of its first layer, which follow from those of the convolution. */
function makeNet(net: NetName, { imageShape, classes }: Dataset, seed: number): { readonly model: Classifier; readonly first: Parameter } {
  const [channels, height, width] = imageShape;
  const conv = new Conv2d(channels, MAPS, KERNEL, { stride: STRIDE });
  const units = featuresOf([conv], imageShape);
  const head = new Linear(units, classes.length);
  // The head's start comes from its place in this network, whatever network it is then used in.
  const model = sequence(conv, new ReLU(), new Flatten(), head);
  model.initialize(seed);
  if (net === "convolution") return { model, first: conv.weight };
  const [weight, bias] = [conv.weight.read(), conv.bias!.read()];
  const positions = units / MAPS;
  if (net === "untied") {
    const local = new LocallyConnected2d(channels, MAPS, [height, width], KERNEL, { stride: STRIDE });
    const taps = KERNEL * KERNEL;
    const repeated = f32(
      local.weight.shape,
      Float32Array.from(
        { length: sizeOf(local.weight.shape) },
        (_, i) => weight.data[Math.floor(i / (positions * taps)) * taps + (i % taps)]!,
      ),
    );
    local.weight.write(repeated);
    local.bias!.write(
      f32(
        local.bias!.shape,
        Float32Array.from({ length: units }, (_, i) => bias.data[Math.floor(i / positions)]!),
      ),
    );
    return { model: sequence(local, new ReLU(), new Flatten(), head), first: local.weight };
  }
  const dense = new Linear(channels * height * width, units);
  if (net === "dense as convolution") {
    dense.weight.write(toeplitz(conv, imageShape, { format: "dense" }).matrix);
    dense.bias!.write(
      f32(
        [units],
        Float32Array.from({ length: units }, (_, i) => bias.data[Math.floor(i / positions)]!),
      ),
    );
  }
  const made = sequence(new Flatten(), dense, new ReLU(), head);
  // Weights that are set stay as they are.
  made.initialize(seed);
  return { model: made, first: dense.weight };
}

/** For each place of the dense matrix: 0 outside the fields, else the number of its weight, from 1. */
function tiesOf({ imageShape }: Dataset): Float32Array {
  const shape = [MAPS, imageShape[0], KERNEL, KERNEL];
  const numbers = f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i + 1),
  );
  return toeplitz({ weight: numbers, stride: STRIDE }, imageShape, { format: "dense" }).matrix.data;
}

/** How far weights have left the prior. */
function tiedness(net: NetName, { data, shape }: NdArray, ties: Float32Array): Pick<Moment, "outside" | "untied"> {
  if (net === "convolution" || net === "random dense") return { outside: null, untied: null };
  const positions = shape.length > 2 ? shape[2]! * shape[3]! : 0;
  const taps = KERNEL * KERNEL;
  // In a locally connected layer, [out, in, ...positions, ...taps], every place is within a field.
  const tie = (i: number): number => (net === "untied" ? Math.floor(i / (positions * taps)) * taps + (i % taps) + 1 : ties[i]!);
  const sums = new Map<number, { n: number; sum: number }>();
  let [all, beyond] = [0, 0];
  data.forEach((w: number, i: number) => {
    all += w * w;
    const own = tie(i);
    if (own === 0) {
      beyond += w * w;
      return;
    }
    const group = sums.get(own) ?? { n: 0, sum: 0 };
    group.n++;
    group.sum += w;
    sums.set(own, group);
  });
  // The mean of a tie is what it has in common; the rest is within-group variance.
  const common = [...sums.values()].reduce((total, { n, sum }) => total + (sum * sum) / n, 0);
  const inside = all - beyond;
  return { outside: net === "untied" ? null : beyond / all, untied: Math.max(0, inside - common) / inside };
}

/** Class with the largest of each image's scores. */
function largest(scores: Float32Array, n: number): Int32Array {
  const k = scores.length / n;
  return Int32Array.from({ length: n }, (_, i) => {
    const own = scores.subarray(i * k, (i + 1) * k);
    return own.indexOf(Math.max(...own));
  });
}

function distance(a: Float32Array, b: Float32Array, n: number): number {
  const k = a.length / n;
  let sum = 0;
  for (let image = 0; image < n; image++) {
    let [off, own] = [0, 0];
    for (let i = image * k; i < (image + 1) * k; i++) {
      off += (a[i]! - b[i]!) * (a[i]! - b[i]!);
      own += b[i]! * b[i]!;
    }
    sum += Math.sqrt(off / own);
  }
  return sum / n;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let [worst, most] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
    most = Math.max(most, Math.abs(b[i]!));
  }
  return worst / most;
}
