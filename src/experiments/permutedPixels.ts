import { NdArray } from "../base/ndarray.ts";
import { permutation, RandomStream } from "../base/random.ts";
import { countOf, type Dataset } from "../data/dataset.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { count as number } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { type Classifier, featuresOf, netRow, sequence } from "./lab/classifier.ts";
import { wholeEpochs } from "./lab/lab.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { difference } from "./report/difference.ts";
import type { NetRow, Picture } from "./report/report.ts";
import { spreadOf } from "./report/spread.ts";
import { change, listed, meanPercent, points, sentence } from "./report/words.ts";

/** Pixels are permuted within squares of `side` pixels: 1 leaves the image as it is, `whole` mixes all of it. */
interface Run {
  readonly net: NetName;
  readonly side: number;
  readonly seed: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}
const NETS = ["dense", "convolutional"] as const;
type NetName = (typeof NETS)[number];

interface Results {
  readonly data: { readonly train: number; readonly test: number; readonly name: string };
  readonly steps: number;
  readonly seeds: readonly number[];
  /** Sides of the squares, the last one the whole image. */
  readonly sides: readonly number[];
  readonly nets: readonly NetRow[];
  readonly runs: readonly Run[];
  /** One image under each permutation of the first seed. */
  readonly pictures: readonly Picture[];
}

/** H2: does a network use where pixels are? */
export const permutedPixels: Experiment<Results> = {
  name: "permuted-pixels",
  line: "one fixed permutation of all pixels: what it costs a dense and a convolutional network",
  question: "Does it matter where the pixels are?",
  why: `A dense layer gives every pixel a weight of its own, so to it the order of pixels is only a naming: permute the pixels of all
images in the same way, and it can learn exactly what it learnt before. A convolution assumes that neighbours belong together. A fixed
permutation destroys that and nothing else, so what the convolutional network loses is what the assumption was worth.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const [, height, width] = allTrain.imageShape;
    const whole = Math.max(height, width);
    const sides = lab
      .choose([1, 2, 4, 7, 14], [1])
      .filter((side) => side < whole)
      .concat(whole);
    const seeds = lab.seeds(3, 2);
    const test = firstImages(allTest, lab.choose(2000, 64));
    const jobs = seeds.flatMap((seed) => sides.flatMap((side) => NETS.map((net) => ({ seed, side, net }))));
    const count = Math.min(lab.choose(4000, 64), countOf(allTrain));
    const steps = wholeEpochs(count, lab.choose(700, 12));
    const runs = await lab.each(
      jobs,
      ({ net, side, seed }) => `${net} network, ${sideText(side, whole)}, seed ${seed}`,
      async ({ net, side, seed }): Promise<Run> => {
        const order = orderWithin(height, width, side, seed);
        const train = reordered(someImages(allTrain, count, seed), order);
        const model = makeNet(net, train);
        await lab.train(model, { train, seed, steps, lr: 0.03 });
        const [trainAccuracy, testAccuracy] = await lab.accuracies(model, train, reordered(test, order));
        return { net, side, seed, trainAccuracy: trainAccuracy!, testAccuracy: testAccuracy! };
      },
    );
    const nets = NETS.map((net) => netRow(net, LAYERS[net], makeNet(net, allTrain), allTrain.imageShape));
    const first = firstImages(test, 1);
    const pictures = sides.map((side): Picture => {
      const { data } = reordered(first, orderWithin(height, width, side, seeds[0]!)).images;
      return { caption: sideText(side, whole), kind: "photo", shape: first.imageShape, data: [...data] };
    });
    const data = { train: count, test: countOf(test), name: allTrain.name };
    return { results: { data, steps, seeds, sides, nets, runs, pictures } };
  },

  report({ data, steps, seeds, sides, nets, runs, pictures }) {
    const whole = sides.at(-1)!;
    const of = (net: NetName, side: number): number[] =>
      runs.filter((run) => run.net === net && run.side === side).map((run) => run.testAccuracy);
    const loss = (net: NetName) => difference(of(net, 1), of(net, whole));
    const [dense, conv] = [loss("dense"), loss("convolutional")];
    const losses = NETS.map((net) => `the ${net} network ${change(of(net, 1), of(net, whole))}`);
    const lead = difference(of("convolutional", 1), of("dense", 1));
    const leadAfter = difference(of("convolutional", whole), of("dense", whole));
    return {
      answer: answerOf(dense.sign, conv.sign, conv.mean),
      headlines: [
        {
          label: "Convolutional, pixels in place",
          value: spreadOf(of("convolutional", 1)),
          format: "percent",
          more: "of test images right",
        },
        { label: "Convolutional, permuted", value: spreadOf(of("convolutional", whole)), format: "percent", more: "all pixels permuted" },
        { label: "Dense, in place", value: spreadOf(of("dense", 1)), format: "percent", more: "of test images right" },
        { label: "Dense, permuted", value: spreadOf(of("dense", whole)), format: "percent", more: "all pixels permuted" },
      ],
      setup: [
        ["Data", `${number(data.train)} images of ${data.name}, drawn anew for each seed; ${number(data.test)} test images`],
        ["Permutation", "one for all images of a run, within squares of some side; other squares in other ways"],
        ["Training", `SGD, momentum 0.9, batches of 32, ${steps} steps, learning rate 0.03 down to 0 by a cosine`],
        ["Seeds", `${listed(seeds.map(String))}: images, permutation, weights and order`],
      ],
      nets,
      blocks: [
        { kind: "pictures", title: "One test image, permuted within ever larger squares", items: pictures },
        {
          kind: "chart",
          title: "Test accuracy",
          x: {
            label: "side of the squares within which pixels are permuted",
            format: "count",
            scale: "log",
            ticks: sides.map((side) => ({ value: side, label: side === 1 ? "none" : side === whole ? "all" : `${side}` })),
          },
          y: { label: "test accuracy", format: "percent", high: 1 },
          series: NETS.map((net) => ({ name: net, points: sides.map((side) => ({ x: side, y: spreadOf(of(net, side)) })) })),
        },
        {
          kind: "table",
          title: "Accuracy",
          columns: [
            { name: "Permuted within" },
            ...NETS.flatMap((net) => [
              { name: `${sentence(net)}, training`, format: "percent" } as const,
              { name: `${sentence(net)}, test`, format: "percent" } as const,
            ]),
          ],
          rows: sides.map((side) => [
            sideText(side, whole),
            ...NETS.flatMap((net) => {
              const own = runs.filter((run) => run.net === net && run.side === side);
              return [spreadOf(own.map((run) => run.trainAccuracy)), spreadOf(own.map((run) => run.testAccuracy))];
            }),
          ]),
        },
      ],
      says: [
        `${sentence(listed(losses))} when all pixels are permuted.`,
        `With pixels in place the convolutional network has ${meanPercent(of("convolutional", 1))} and the dense one ${meanPercent(of("dense", 1))}; ` +
          `permuted, ${meanPercent(of("convolutional", whole))} and ${meanPercent(of("dense", whole))}. ${leadText(lead.sign, leadAfter.sign)}`,
      ],
    };
  },
};

type Sign = "above" | "below" | "unclear";

/** `dense` and `conv` say whether accuracy in place is above that of permuted images. */
function answerOf(dense: Sign, conv: Sign, convLoss: number): string {
  const convPart =
    conv === "above"
      ? `To the convolutional network, yes: without its neighbourhoods it loses ${points(convLoss)}.`
      : conv === "below"
        ? `The convolutional network does even better, by ${points(convLoss)}, when the pixels are permuted.`
        : "No loss of the convolutional network could be shown.";
  const densePart = {
    above: "The dense network loses too, which it should not: permuting its inputs only renames its weights.",
    below: "The dense network even gains, which chance must explain: permuting its inputs only renames its weights.",
    unclear: "The dense network learns permuted images as it learns others.",
  }[dense];
  return `${convPart} ${densePart}`;
}

function leadText(before: Sign, after: Sign): string {
  const texts: { readonly [S in Sign]: string } = {
    above: "the convolutional network is ahead",
    below: "the dense network is ahead",
    unclear: "neither is clearly ahead",
  };
  return before === after ? `Both times ${texts[before]}.` : `First ${texts[before]}, then ${texts[after]}.`;
}

const sideText = (side: number, whole: number): string =>
  side === 1 ? "pixels in place" : side >= whole ? "the whole image" : `squares of ${side} x ${side}`;

const LAYERS: { readonly [N in NetName]: string } = {
  dense: "dense, 128; ReLU; dense",
  convolutional: "conv 5 x 5, 8; ReLU; max-pool 2; conv 5 x 5, 16; ReLU; max-pool 2; dense",
};

function makeNet(net: NetName, { imageShape, classes }: Dataset): Classifier {
  const [channels] = imageShape;
  if (net === "dense") {
    const features = imageShape.reduce((a, b) => a * b, 1);
    return sequence(new Flatten(), new Linear(features, 128), new ReLU(), new Linear(128, classes.length));
  }
  const body = [
    new Conv2d(channels, 8, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 16, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
  ];
  return sequence(...body, new Linear(featuresOf(body, imageShape), classes.length));
}

/** Where each pixel of the permuted image comes from: one permutation for each square of `side` pixels, cut off at the edges. */
export function orderWithin(height: number, width: number, side: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: height * width }, (_, i) => i);
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      const pixels = [...order.keys()].filter((p) => {
        const [y, x] = [Math.floor(p / width), p % width];
        return y >= top && y < top + side && x >= left && x < left + side;
      });
      const mixed = permutation(pixels.length, new RandomStream(seed, `permute ${side} ${top} ${left}`));
      pixels.forEach((p, i) => {
        order[p] = pixels[mixed[i]!]!;
      });
    }
  }
  return order;
}

/** All images with their pixels in another order, the same in each image and channel. */
export function reordered(dataset: Dataset, order: Int32Array): Dataset {
  const plane = order.length;
  const from = dataset.images.data;
  const images = new NdArray("u8", dataset.images.shape);
  for (let start = 0; start < from.length; start += plane)
    for (let p = 0; p < plane; p++) images.data[start + p] = from[start + order[p]!]!;
  return { ...dataset, images };
}
