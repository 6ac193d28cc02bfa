import { bytesOf, inferenceGraph, trainingGraph } from "../analysis/summary/programs.ts";
import { countOf, type Dataset } from "../data/dataset.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { AvgPool2d, MaxPool2d } from "../nn/layers/pool.ts";
import { Subsampling2d } from "../nn/layers/subsampling.ts";
import type { Module } from "../nn/module.ts";
import { SGD } from "../optim/sgd.ts";
import { count } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { type Classifier, featuresOf, netRow, sequence } from "./lab/classifier.ts";
import { BATCH, wholeEpochs } from "./lab/lab.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { difference } from "./report/difference.ts";
import type { NetRow } from "./report/report.ts";
import { meanOf, spreadOf } from "./report/spread.ts";
import { comparison, listed, sentence, spreadText, times } from "./report/words.ts";

const NETS = ["max-pool", "mean-pool", "trainable pool", "learnt stride", "strided"] as const;
type NetName = (typeof NETS)[number];

interface Run {
  readonly net: NetName;
  readonly seed: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}

interface Results {
  readonly data: { readonly train: number; readonly test: number; readonly name: string };
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly nets: readonly NetRow[];
  /** All that a program allocates on one thread for 32 images: for a step of training, and to sort them. */
  readonly bytes: readonly { readonly net: NetName; readonly training: number; readonly inference: number }[];
  readonly runs: readonly Run[];
}

/** C5: what pooling costs and brings beside strides. */
export const stridedVsPool: Experiment<Results> = {
  name: "strided-vs-pool",
  line: "strided convolutions, pooling and trainable pooling: accuracy, multiply-adds and memory",
  question: "Is pooling worth its price?",
  why: `A convolution with stride 2 computes a quarter of the outputs; pooling computes them all and then throws three quarters away. LeNet-5's
trainable pooling (a coefficient and a bias for each map) and a small convolution with stride in place of the pool lie between. Whether
pooling is worth its multiply-adds and its memory depends on what accuracy it buys.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const seeds = lab.seeds(5);
    const count = Math.min(lab.choose(4000, 64), countOf(allTrain));
    const steps = wholeEpochs(count, lab.choose(700, 12));
    const test = firstImages(allTest, lab.choose(2000, 64));
    const jobs = seeds.flatMap((seed) => NETS.map((net) => ({ seed, net })));
    const runs = await lab.each(
      jobs,
      ({ net, seed }) => `${net}, seed ${seed}`,
      async ({ net, seed }): Promise<Run> => {
        const train = someImages(allTrain, count, seed);
        const model = makeNet(net, train);
        await lab.train(model, { train, seed, steps, lr: 0.03 });
        const [trainAccuracy, testAccuracy] = await lab.accuracies(model, train, test);
        return { net, seed, trainAccuracy: trainAccuracy!, testAccuracy: testAccuracy! };
      },
      ({ net }) => (net === "strided" ? 1 : 2),
    );
    const input = { shape: test.imageShape, dtype: "f32" } as const;
    const optimizer = new SGD({ lr: 0.03, momentum: 0.9 });
    const bytes = NETS.map((net) => ({
      net,
      training: bytesOf(trainingGraph(makeNet(net, test), input, BATCH, optimizer)),
      inference: bytesOf(inferenceGraph(makeNet(net, test), input, BATCH)),
    }));
    const nets = NETS.map((net) => netRow(net, LAYERS[net], makeNet(net, allTrain), allTrain.imageShape));
    return { results: { data: { train: count, test: countOf(test), name: allTrain.name }, steps, seeds, nets, bytes, runs } };
  },

  report({ data, steps, seeds, nets, bytes, runs }) {
    const of = (net: NetName): number[] => runs.filter((run) => run.net === net).map((run) => run.testAccuracy);
    const training = (net: NetName): number[] => runs.filter((run) => run.net === net).map((run) => run.trainAccuracy);
    const row = (net: NetName): NetRow => nets.find(({ name }) => name === net)!;
    const memory = (net: NetName) => bytes.find((b) => b.net === net)!;
    const order = [...NETS].sort((a, b) => meanOf(of(b)) - meanOf(of(a)));
    const others = NETS.filter((net) => net !== "strided");
    const better = others.filter((net) => difference(of(net), of("strided")).sign === "above");
    const worse = others.filter((net) => difference(of(net), of("strided")).sign === "below");
    const cost = (net: NetName): string =>
      `${times(row(net).multiplyAdds / row("strided").multiplyAdds)} the multiply-adds and ${times(memory(net).training / memory("strided").training)} the memory`;
    return {
      answer: answerOf(better, worse, order[0]!, row(order[0]!).multiplyAdds / row("strided").multiplyAdds),
      headlines: order.slice(0, 4).map((net) => ({
        label: sentence(net),
        value: spreadOf(of(net)),
        format: "percent",
        more: `of test images right, with ${count(row(net).multiplyAdds)} multiply-adds for each`,
      })),
      setup: [
        ["Data", `${count(data.train)} images of ${data.name}, drawn anew for each seed; ${count(data.test)} test images`],
        ["Training", `SGD, momentum 0.9, batches of ${BATCH}, ${steps} steps, learning rate 0.03 down to 0 by a cosine`],
        ["Memory", `all that the program allocates for ${BATCH} images on one thread; known before it runs`],
        ["Seeds", `${listed(seeds.map(String))}: images, weights and order`],
      ],
      nets,
      blocks: [
        {
          kind: "table",
          title: "Accuracy and cost",
          columns: [
            { name: "Network" },
            { name: "Test accuracy", format: "percent" },
            { name: "Training accuracy", format: "percent" },
            { name: "Multiply-adds", format: "count", bar: true },
            { name: "Memory to train", format: "bytes", bar: true },
            { name: "Memory to sort", format: "bytes", bar: true },
          ],
          rows: NETS.map((net) => [
            net,
            spreadOf(of(net)),
            spreadOf(training(net)),
            row(net).multiplyAdds,
            memory(net).training,
            memory(net).inference,
          ]),
        },
        {
          kind: "chart",
          title: "Accuracy against multiply-adds",
          x: { label: "multiply-adds for one image", format: "count", low: 0 },
          y: { label: "test accuracy", format: "percent", high: 1 },
          series: NETS.map((net) => ({ name: net, points: [{ x: row(net).multiplyAdds, y: spreadOf(of(net)) }] })),
        },
      ],
      says: [
        ...others.map((net) => `${sentence(comparison(net, of(net), "strided", of("strided")))}. It takes ${cost(net)}.`),
        `In order of test accuracy: ${listed(order.map((net) => `${net} (${spreadText(of(net), "percent")})`))}.`,
      ],
    };
  },
};

function answerOf(better: readonly NetName[], worse: readonly NetName[], best: NetName, work: number): string {
  if (better.length === 0 && worse.length === 0) {
    return "Not here: no network is clearly more accurate than the one that only strides, which multiplies least.";
  }
  const parts = [
    ...(better.length > 0 ? [`${listed(better)} ${better.length === 1 ? "is" : "are"} clearly more accurate than strides alone`] : []),
    ...(worse.length > 0 ? [`${listed(worse)} ${worse.length === 1 ? "is" : "are"} clearly less accurate`] : []),
  ];
  const price =
    best === "strided" ? "The best network only strides." : `The best, ${best}, multiplies ${times(work)} as much as strides alone.`;
  return `${better.length > 0 ? "For accuracy, yes" : "No"}: ${listed(parts)}. ${price}`;
}

const LAYERS: { readonly [N in NetName]: string } = {
  "max-pool": "twice (conv 5 x 5; ReLU; max-pool 2); dense",
  "mean-pool": "twice (conv 5 x 5; ReLU; mean-pool 2); dense",
  "trainable pool": "twice (conv 5 x 5; ReLU; sum over 2 x 2, times a coefficient, plus a bias); dense",
  "learnt stride": "twice (conv 5 x 5; ReLU; conv 2 x 2, stride 2); dense",
  strided: "twice (conv 5 x 5, stride 2; ReLU); dense",
};

function makeNet(net: NetName, { imageShape, classes }: Dataset): Classifier {
  const stride = net === "strided" ? 2 : 1;
  const shrink: { readonly [N in NetName]: (channels: number) => readonly Module[] } = {
    "max-pool": () => [new MaxPool2d(2)],
    "mean-pool": () => [new AvgPool2d(2)],
    "trainable pool": (channels) => [new Subsampling2d(channels, 2)],
    "learnt stride": (channels) => [new Conv2d(channels, channels, 2, { stride: 2 })],
    strided: () => [],
  };
  const stage = (from: number, to: number): readonly Module[] => [
    new Conv2d(from, to, 5, { padding: 2, stride }),
    new ReLU(),
    ...shrink[net](to),
  ];
  const body = [...stage(imageShape[0], 8), ...stage(8, 16), new Flatten()];
  return sequence(...body, new Linear(featuresOf(body, imageShape), classes.length));
}
