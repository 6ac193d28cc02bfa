import { countOf, type Dataset } from "../data/dataset.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { LocallyConnected2d } from "../nn/layers/locallyConnected.ts";
import type { Module } from "../nn/module.ts";
import { count } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { type Classifier, featuresOf, netRow, sequence } from "./lab/classifier.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { type Difference, difference } from "./report/difference.ts";
import type { NetRow } from "./report/report.ts";
import { meanOf, spreadOf } from "./report/spread.ts";
import { comparison, listed, meanPercent, sentence, written } from "./report/words.ts";

const NETS = ["shared", "unshared", "dense"] as const;
type NetName = (typeof NETS)[number];

interface Run {
  readonly net: NetName;
  /** Training images. */
  readonly images: number;
  readonly seed: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}

interface Results {
  readonly data: { readonly test: number; readonly name: string };
  readonly sizes: readonly number[];
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly nets: readonly NetRow[];
  readonly runs: readonly Run[];
}

const MAPS = 8;
const KERNEL = 5;
const STRIDE = 2;
const LAYERS: { readonly [N in NetName]: string } = {
  shared: `convolution ${KERNEL} x ${KERNEL}, stride ${STRIDE}, ${MAPS} maps; ReLU; dense`,
  unshared: `locally connected ${KERNEL} x ${KERNEL}, stride ${STRIDE}, ${MAPS} maps; ReLU; dense`,
  dense: "dense, as many units; ReLU; dense",
};

/** H4, D3: locality and sharing are two ideas; what is each worth, and for how many images? */
export const sharing: Experiment<Results> = {
  name: "sharing",
  line: "shared, unshared and dense weights: accuracy on training and test images over the size of the training set",
  question: "What is sharing weights worth?",
  why: `A convolution rests on two assumptions: that a unit needs to see only a small field, and that the same filter is useful everywhere. A
locally connected layer makes the first without the second, a dense layer makes neither. All three here have the same units; they differ
in their weights alone. Fewer free weights should mean less overfitting, most of all where images are few.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const sizes = lab.choose([50, 100, 200, 500, 1000, 2000], [40, 64]).filter((size) => size <= countOf(allTrain));
    const seeds = lab.seeds();
    const steps = lab.choose(600, 12);
    const test = firstImages(allTest, lab.choose(2000, 64));
    const jobs = seeds.flatMap((seed) => sizes.flatMap((images) => NETS.map((net) => ({ seed, images, net }))));
    const runs = await lab.each(
      jobs,
      ({ net, images, seed }) => `${net} weights, ${images} images, seed ${seed}`,
      async ({ net, images, seed }): Promise<Run> => {
        const train = someImages(allTrain, images, seed);
        const model = makeNet(net, train);
        await lab.train(model, { train, seed, steps, lr: 0.03 });
        const [trainAccuracy, testAccuracy] = await lab.accuracies(model, train, test);
        return { net, images, seed, trainAccuracy: trainAccuracy!, testAccuracy: testAccuracy! };
      },
      ({ net }) => (net === "dense" ? 3 : 1),
    );
    const nets = NETS.map((net) => netRow(net, LAYERS[net], makeNet(net, allTrain), allTrain.imageShape));
    return { results: { data: { test: countOf(test), name: allTrain.name }, sizes, steps, seeds, nets, runs } };
  },

  report({ data, sizes, steps, seeds, nets, runs }) {
    const of = (net: NetName, images: number, what: "trainAccuracy" | "testAccuracy" = "testAccuracy"): number[] =>
      runs.filter((run) => run.net === net && run.images === images).map((run) => run[what]);
    const against = (a: NetName, b: NetName): Difference[] => sizes.map((images) => difference(of(a, images), of(b, images)));
    const gap = (net: NetName): number => meanOf(runs.filter((run) => run.net === net).map((run) => run.trainAccuracy - run.testAccuracy));
    const [few, many] = [sizes[0]!, sizes.at(-1)!];
    const parameters = (net: NetName): number => nets.find(({ name }) => name === net)!.parameters;
    const chart = (what: "trainAccuracy" | "testAccuracy", title: string) =>
      ({
        kind: "chart",
        title,
        x: { label: "training images", format: "count", scale: "log", ticks: sizes.map((value) => ({ value, label: count(value) })) },
        y: { label: "accuracy", format: "percent", high: 1 },
        series: NETS.map((net) => ({ name: net, points: sizes.map((images) => ({ x: images, y: spreadOf(of(net, images, what)) })) })),
      }) as const;
    const gaps = [...NETS].sort((a, b) => gap(a) - gap(b));
    return {
      answer: `${worth("Sharing", "unshared", against("shared", "unshared"))} ${worth("Locality alone", "dense", against("unshared", "dense"))}`,
      headlines: NETS.map((net) => ({
        label: sentence(net),
        value: spreadOf(of(net, many)),
        format: "percent",
        more: `of test images right after ${count(many)} training images; ${count(parameters(net))} parameters`,
      })),
      setup: [
        ["Data", `${few} to ${count(many)} images of ${data.name}, drawn anew for each seed; ${count(data.test)} test images`],
        [
          "Training",
          `SGD, momentum 0.9, batches of 32, about ${steps} steps (whole epochs) for every size, learning rate 0.03 down to 0 by a cosine`,
        ],
        ["Seeds", `${listed(seeds.map(String))}: images, weights and order`],
      ],
      nets,
      blocks: [
        chart("testAccuracy", "On test images"),
        chart("trainAccuracy", "On training images"),
        {
          kind: "table",
          title: "Accuracy on test images, and how much higher it is on training images",
          columns: [
            { name: "Images" },
            ...NETS.flatMap((net) => [
              { name: `${sentence(net)}, test`, format: "percent" } as const,
              { name: "Gap, points", format: "points" } as const,
            ]),
          ],
          rows: sizes.map((images) => [
            count(images),
            ...NETS.flatMap((net) => {
              const test = of(net, images);
              return [spreadOf(test), spreadOf(of(net, images, "trainAccuracy").map((train, i) => train - test[i]!))];
            }),
          ]),
        },
      ],
      says: [
        worth("A convolution, which is both,", "dense", against("shared", "dense")),
        ...[few, many].map((images) => {
          const [shared, unshared, dense] = NETS.map((net) => of(net, images)) as [number[], number[], number[]];
          return (
            `With ${count(images)} images, ${comparison("the shared layer", shared, "the unshared one", unshared)}; ` +
            `${comparison("the unshared layer", unshared, "the dense one", dense)}.`
          );
        }),
        `The gap between training and test images, over all sizes: ${listed(gaps.map((net) => `${net} ${written(gap(net), "points")} points`))}. ` +
          `By parameters the order is ${listed([...NETS].sort((a, b) => parameters(a) - parameters(b)))}` +
          `${gaps.every((net, i) => i === 0 || parameters(gaps[i - 1]!) <= parameters(net)) ? ": fewer parameters, smaller gap." : ": not the same order, so the number of parameters alone does not explain the gap."}`,
        `${NETS.map((net) => `${sentence(net)}: ${meanPercent(of(net, few))} after ${few} images, ${meanPercent(of(net, many))} after ${count(many)}`).join(". ")}.`,
      ],
    };
  },
};

/** At how many sizes an idea clearly helped or harmed. */
function worth(idea: string, without: NetName, by: readonly Difference[]): string {
  const [above, below] = [by.filter((d) => d.sign === "above").length, by.filter((d) => d.sign === "below").length];
  const most = by.reduce((a, b) => (Math.abs(b.mean) > Math.abs(a.mean) ? b : a));
  const size = `${written(Math.abs(most.mean), "points")} points at most`;
  if (above > 0 && below === 0) return `${idea} is clearly ahead of ${without} weights at ${above} of ${by.length} sizes, by ${size}.`;
  if (below > 0 && above === 0) return `${idea} is clearly behind ${without} weights at ${below} of ${by.length} sizes, by ${size}.`;
  if (above > 0) return `${idea} is ahead of ${without} weights at ${above} of ${by.length} sizes and behind at ${below}.`;
  return `${idea} shows no clear effect beside ${without} weights at any of ${by.length} sizes.`;
}

function makeNet(net: NetName, { imageShape, classes }: Dataset): Classifier {
  const [channels, height, width] = imageShape;
  const conv = new Conv2d(channels, MAPS, KERNEL, { stride: STRIDE });
  const units = featuresOf([conv], imageShape);
  const first: { readonly [N in NetName]: () => readonly Module[] } = {
    shared: () => [conv, new ReLU(), new Flatten()],
    unshared: () => [new LocallyConnected2d(channels, MAPS, [height, width], KERNEL, { stride: STRIDE }), new ReLU(), new Flatten()],
    dense: () => [new Flatten(), new Linear(channels * height * width, units), new ReLU()],
  };
  return sequence(...first[net](), new Linear(units, classes.length));
}
