import type { NdArray } from "../base/ndarray.ts";
import { countOf, type Dataset } from "../data/dataset.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { GlobalAvgPool, GlobalMaxPool } from "../nn/layers/adaptivePool.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { count } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { type Classifier, netRow, sequence } from "./lab/classifier.ts";
import { shareRight, wholeEpochs } from "./lab/lab.ts";
import { framed, resized } from "./lab/resized.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { difference } from "./report/difference.ts";
import type { NetRow, Picture } from "./report/report.ts";
import { spreadOf } from "./report/spread.ts";
import { change as changed, comparison, listed, meanPercent, sentence } from "./report/words.ts";

const NETS = ["mean", "maximum"] as const;
type NetName = (typeof NETS)[number];
/** scaled: the whole image enlarged or shrunk. framed: the image as it was, with more canvas around it. */
const CHANGES = ["scaled", "framed"] as const;
type Change = (typeof CHANGES)[number];

interface Run {
  readonly net: NetName;
  readonly seed: number;
  readonly change: Change;
  /** Side of the test images, as a factor of those of training. */
  readonly factor: number;
  /** Test accuracy as they are, and after they were resized to the size of training. */
  readonly direct: number;
  readonly resized: number;
}

interface Results {
  readonly data: { readonly train: number; readonly test: number; readonly name: string; readonly height: number; readonly width: number };
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly factors: Readonly<Record<Change, readonly number[]>>;
  readonly nets: readonly NetRow[];
  readonly runs: readonly Run[];
  readonly pictures: readonly Picture[];
}

/** B7: a network takes any size; is that the same as being good at any size? */
export const inputSize: Experiment<Results> = {
  name: "input-size",
  line: "a network with global pooling on images of other sizes than it was trained on, against resizing them first",
  question: "Is a network for any size good at any size?",
  why: `With global pooling a convolutional network takes images of any size. Nothing says that it treats them well: its filters expect strokes
as wide as in training, and a global mean over a larger canvas is thinner. The other way is to resize images to the size of training, which
restores one thing and distorts another. Which is better depends on how the images came to have another size.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const [, height, width] = allTrain.imageShape;
    const seeds = lab.seeds(5);
    const images = Math.min(lab.choose(4000, 64), countOf(allTrain));
    const steps = wholeEpochs(images, lab.choose(500, 10));
    const test = firstImages(allTest, lab.choose(1000, 64));
    const factors: Results["factors"] = lab.choose(
      { scaled: [0.6, 0.8, 1, 1.25, 1.5, 2], framed: [1, 1.25, 1.5, 2] },
      { scaled: [1, 1.5], framed: [1, 1.5] },
    );
    const sides = (factor: number): readonly [number, number] => [Math.round(height * factor), Math.round(width * factor)];
    const sets: { readonly change: Change; readonly factor: number; readonly other: NdArray<"u8">; readonly back: NdArray<"u8"> }[] = [];
    for (const change of CHANGES) {
      for (const factor of factors[change]) {
        const other = change === "scaled" ? await resized(lab, test.images, ...sides(factor)) : framed(test.images, ...sides(factor));
        sets.push({ change, factor, other, back: await resized(lab, other, height, width) });
      }
    }
    const jobs = seeds.flatMap((seed) => NETS.map((net) => ({ seed, net })));
    const runs = await lab.each(
      jobs,
      ({ net, seed }) => `global ${net}, seed ${seed}`,
      async ({ net, seed }): Promise<Run[]> => {
        const train = someImages(allTrain, images, seed);
        const model = makeNet(net, train);
        await lab.train(model, { train, seed, steps, lr: 0.05 });
        const back = await lab.classes(
          model,
          test,
          sets.map((set) => set.back),
        );
        const found: Run[] = [];
        for (const [i, { change, factor, other }] of sets.entries()) {
          const [classes] = await lab.classes(model, test, [other]);
          found.push({ net, seed, change, factor, direct: shareRight(classes!, test), resized: shareRight(back[i]!, test) });
        }
        return found;
      },
    );
    const pictures = sets.map(({ change, other }): Picture => {
      const shape = other.shape.slice(1);
      const first = other.data.subarray(0, other.data.length / other.shape[0]!);
      return { caption: `${change}, ${shape.slice(1).join(" x ")}`, kind: "photo", shape, data: [...first] };
    });
    const nets = NETS.map((net) => netRow(`global ${net}`, layersOf(net), makeNet(net, allTrain), allTrain.imageShape));
    const data = { train: images, test: countOf(test), name: allTrain.name, height, width };
    return { results: { data, steps, seeds, factors, nets, runs: runs.flat(), pictures } };
  },

  report({ data, steps, seeds, factors, nets, runs, pictures }) {
    const of = (net: NetName, change: Change, factor: number, how: "direct" | "resized"): number[] =>
      runs.filter((run) => run.net === net && run.change === change && run.factor === factor).map((run) => run[how]);
    const largest = (change: Change): number => factors[change].at(-1)!;
    const best = (net: NetName, change: Change) =>
      difference(of(net, change, largest(change), "direct"), of(net, change, largest(change), "resized")).sign;
    const size = (factor: number): string => `${Math.round(data.height * factor)} x ${Math.round(data.width * factor)}`;
    return {
      answer: answerOf(
        NETS.flatMap((net) =>
          CHANGES.map((change) => ({
            net,
            change,
            loss: difference(of(net, change, 1, "direct"), of(net, change, largest(change), "direct")),
          })),
        ).filter(({ loss }) => loss.sign === "above").length,
        NETS.length * CHANGES.length,
        CHANGES.map((change) => ({ change, verdicts: NETS.map((net) => best(net, change)) })),
      ),
      headlines: CHANGES.flatMap((change) =>
        (["direct", "resized"] as const).map(
          (how) =>
            ({
              label: `${sentence(change)} to ${size(largest(change))}, ${how === "direct" ? "as it is" : "resized back"}`,
              value: spreadOf(of("mean", change, largest(change), how)),
              format: "percent",
              more: "of test images right, global mean",
            }) as const,
        ),
      ),
      setup: [
        [
          "Data",
          `${count(data.train)} images of ${data.name} at ${data.height} x ${data.width}, drawn anew for each seed; ${count(data.test)} test images`,
        ],
        ["Scaled", "the whole image enlarged or shrunk, bilinear, smoothed before it shrinks"],
        ["Framed", "the image as it was in the middle of a larger canvas of zeros"],
        ["Resized back", `the same images resized to ${data.height} x ${data.width} before the network sees them`],
        [
          "Training",
          `SGD, momentum 0.9, batches of 32, ${steps} steps, learning rate 0.05 down to 0 by a cosine, at ${data.height} x ${data.width} alone`,
        ],
        ["Seeds", `${listed(seeds.map(String))}: images, weights and order`],
      ],
      nets,
      blocks: [
        { kind: "pictures", title: "One test image at all sizes, each drawn equally large", items: pictures },
        ...CHANGES.map(
          (change) =>
            ({
              kind: "chart",
              title: sentence(change),
              x: {
                label: "side, as a factor of that in training",
                format: "number",
                ticks: factors[change].map((value) => ({ value, label: `${value}` })),
              },
              y: { label: "test accuracy", format: "percent", high: 1 },
              series: NETS.flatMap((net) =>
                (["direct", "resized"] as const).map((how) => ({
                  name: `global ${net}, ${how === "direct" ? "as they are" : "resized back"}`,
                  points: factors[change].map((x) => ({ x, y: spreadOf(of(net, change, x, how)) })),
                })),
              ),
            }) as const,
        ),
        {
          kind: "table",
          title: "Test accuracy",
          columns: [
            { name: "Images" },
            { name: "Size" },
            ...NETS.flatMap((net) => [
              { name: `Global ${net}, as they are`, format: "percent" } as const,
              { name: `Global ${net}, resized back`, format: "percent" } as const,
            ]),
          ],
          rows: CHANGES.flatMap((change) =>
            factors[change].map((factor) => [
              sentence(change),
              size(factor),
              ...NETS.flatMap((net) => (["direct", "resized"] as const).map((how) => spreadOf(of(net, change, factor, how)))),
            ]),
          ),
        },
      ],
      says: [
        ...CHANGES.flatMap((change) =>
          NETS.map((net) => {
            const at = largest(change);
            const [native, direct, back] = [of(net, change, 1, "direct"), of(net, change, at, "direct"), of(net, change, at, "resized")];
            return (
              `${sentence(change)} to ${size(at)}, the network with a global ${net} ${change === "scaled" ? "as the images are" : "on the larger canvas"} ` +
              `${changed(native, direct)}; ${comparison("the image as it is", direct, "resizing it back", back)}.`
            );
          }),
        ),
        ...NETS.map(
          (net) => `At the size of training the global ${net} has ${meanPercent(of(net, "scaled", 1, "direct"))} of test images right.`,
        ),
      ],
    };
  },
};

type Sign = "above" | "below" | "unclear";

/** `verdicts` say, for each net, whether images as they are did better than resized ones. */
function answerOf(losses: number, cases: number, by: readonly { readonly change: Change; readonly verdicts: readonly Sign[] }[]): string {
  const head =
    losses === 0
      ? "In these cases, yes: no clear loss at another size could be shown."
      : losses === cases
        ? "No: it accepts any size, and clearly loses accuracy at the largest of each kind."
        : `Not always: in ${losses} of ${cases} cases it clearly loses accuracy at the largest size.`;
  const parts = by.map(({ change, verdicts }) => {
    const all = (sign: Sign): boolean => verdicts.every((v) => v === sign);
    const what = `images that were ${change}`;
    if (all("below")) return `${what} are better resized back`;
    if (all("above")) return `${what} are better left as they are`;
    if (all("unclear")) return `for ${what} neither way is clearly better`;
    return `for ${what} it depends on the network`;
  });
  return `${head} ${sentence(listed(parts))}.`;
}

const layersOf = (net: NetName): string =>
  `conv 5 x 5, 8; ReLU; max-pool 2; conv 5 x 5, 16; ReLU; max-pool 2; conv 3 x 3, 32; ReLU; global ${net}; dense`;

function makeNet(net: NetName, { imageShape, classes }: Dataset): Classifier {
  return sequence(
    new Conv2d(imageShape[0], 8, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 16, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(16, 32, 3, { padding: 1 }),
    new ReLU(),
    net === "mean" ? new GlobalAvgPool() : new GlobalMaxPool(),
    new Linear(32, classes.length),
  );
}
