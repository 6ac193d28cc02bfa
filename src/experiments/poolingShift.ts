import type { NdArray } from "../base/ndarray.ts";
import { countOf, type Dataset } from "../data/dataset.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { AvgPool2d, MaxPool2d } from "../nn/layers/pool.ts";
import type { Module } from "../nn/module.ts";
import { count, counted } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { BlurPool } from "./lab/blurPool.ts";
import { featuresOf, netRow, sequence } from "./lab/classifier.ts";
import { shareRight, wholeEpochs } from "./lab/lab.ts";
import { directions, shifted } from "./lab/shifted.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { type Stage, stageChanges } from "./lab/stageChanges.ts";
import { turned } from "./lab/turned.ts";
import { difference } from "./report/difference.ts";
import type { NetRow } from "./report/report.ts";
import { meanOf, spreadOf } from "./report/spread.ts";
import { comparison, listed, meanPercent, sentence, written } from "./report/words.ts";

const NETS = ["max-pool", "mean-pool", "strided", "blurred max"] as const;
type NetName = (typeof NETS)[number];

interface Run {
  readonly net: NetName;
  readonly seed: number;
  /** For each shift: share of moved images that keep their class, and share that is right. Means over four directions. */
  readonly consistency: readonly number[];
  readonly accuracy: readonly number[];
  /** changes[shift][stage]: how far a stage's output moves, as a share of its length. */
  readonly changes: readonly (readonly number[])[];
  /** The same for each angle; both directions. */
  readonly turned: Pick<Run, "consistency" | "accuracy" | "changes">;
}

interface Results {
  readonly data: { readonly train: number; readonly test: number; readonly name: string };
  readonly steps: number;
  readonly seeds: readonly number[];
  /** In pixels, from 0. */
  readonly shifts: readonly number[];
  /** In degrees, from 0. */
  readonly angles: readonly number[];
  readonly stages: readonly string[];
  readonly nets: readonly NetRow[];
  readonly runs: readonly Run[];
}

/** G2, G1: how far is a network invariant to small shifts, and what does its way of shrinking maps add? */
export const poolingShift: Experiment<Results> = {
  name: "pooling-shift",
  line: "max-pooling, mean-pooling, strides and blurs: how scores change when images move by a few pixels or turn by a few degrees",
  question: "Does pooling make a network invariant to small shifts?",
  why: `Pooling is often said to make networks invariant to small translations. But whatever takes every second pixel also depends on which
pixel is the first: it aliases. What survives of the claim can be measured: move test images by a few pixels and see how far scores, and the
maps of each stage, move with them. The four networks differ in nothing but how they halve their maps.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const seeds = lab.seeds();
    const shifts = lab.choose([0, 1, 2, 3, 4], [0, 1]);
    const angles = lab.choose([0, 5, 10, 15, 20, 30, 45], [0, 15]);
    const count = Math.min(lab.choose(4000, 64), countOf(allTrain));
    const steps = wholeEpochs(count, lab.choose(700, 12));
    const test = firstImages(allTest, lab.choose(1000, 64));
    const probe = firstImages(test, lab.choose(200, 20));
    const jobs = seeds.flatMap((seed) => NETS.map((net) => ({ seed, net })));
    const runs = await lab.each(
      jobs,
      ({ net, seed }) => `${net}, seed ${seed}`,
      async ({ net, seed }): Promise<Run> => {
        const train = someImages(allTrain, count, seed);
        const stages = stagesOf(net, train);
        const model = sequence(...stages.flatMap(({ layers }) => layers));
        await lab.train(model, { train, seed, steps, lr: 0.03 });
        /** What becomes of images that are changed by each amount, in one or more ways. */
        const under = async (amounts: readonly number[], ways: (amount: number, images: NdArray<"u8">) => readonly NdArray<"u8">[]) => {
          const sets = amounts.map((amount) => ways(amount, test.images));
          const classes = cutAs(sets, await lab.classes(model, test, sets.flat()));
          const still = classes[0]![0]!;
          const kept = (own: Int32Array): number => own.filter((k, i) => k === still[i]).length / own.length;
          const nudged = amounts.map((amount) => ways(amount, probe.images));
          const changed = cutAs(nudged, await stageChanges(lab, stages, probe, probe.images, nudged.flat()));
          return {
            consistency: classes.map((ways) => meanOf(ways.map(kept))),
            accuracy: classes.map((ways) => meanOf(ways.map((own) => shareRight(own, test)))),
            changes: changed.map((ways) => stages.map((_, stage) => meanOf(ways.map((perStage) => perStage[stage]!)))),
          };
        };
        const moved = await under(shifts, (shift, images) => directions(shift).map(([dy, dx]) => shifted(images, dy, dx)));
        lab.within(0.9);
        const both = (angle: number): readonly number[] => (angle === 0 ? [0] : [angle, -angle]);
        const rotated = await under(angles, (angle, images) => both(angle).map((by) => (by === 0 ? images : turned(images, by))));
        return { net, seed, ...moved, turned: rotated };
      },
      ({ net }) => (net === "strided" ? 1 : 1.5),
    );
    const nets = NETS.map((net) =>
      netRow(net, LAYERS[net], sequence(...stagesOf(net, allTrain).flatMap(({ layers }) => layers)), allTrain.imageShape),
    );
    const stages = stagesOf("max-pool", allTrain).map(({ name }) => name);
    return {
      results: { data: { train: count, test: countOf(test), name: allTrain.name }, steps, seeds, shifts, angles, stages, nets, runs },
    };
  },

  report({ data, steps, seeds, shifts, angles, stages, nets, runs }) {
    const of = (net: NetName, value: (run: Run) => number): number[] => runs.filter((run) => run.net === net).map(value);
    const last = shifts.length - 1;
    const one = 1;
    const scores = stages.length - 1;
    const change = (net: NetName, shift: number, stage = scores): number[] => of(net, (run) => run.changes[shift]![stage]!);
    const kept = (net: NetName, shift: number): number[] => of(net, (run) => run.consistency[shift]!);
    const order = [...NETS].sort((a, b) => meanOf(change(a, one)) - meanOf(change(b, one)));
    const [best, worst] = [order[0]!, order.at(-1)!];
    const pools = (["max-pool", "mean-pool", "blurred max"] as const).map((net) => ({
      net,
      d: difference(change("strided", one), change(net, one)),
    }));
    const helping = pools.filter(({ d }) => d.sign === "above").map(({ net }) => net);
    const harming = pools.filter(({ d }) => d.sign === "below").map(({ net }) => net);
    const chart = (title: string, label: string, format: "percent" | "number", value: (net: NetName, i: number) => number[]) =>
      ({
        kind: "chart",
        title,
        x: { label: "shift in pixels", format: "count", ticks: shifts.map((s) => ({ value: s, label: `${s}` })) },
        y: format === "percent" ? { label, format, high: 1 } : { label, format, low: 0 },
        series: NETS.map((net) => ({ name: net, points: shifts.map((x, i) => ({ x, y: spreadOf(value(net, i)) })) })),
      }) as const;
    const turnedChart = (title: string, label: string, format: "percent" | "number", value: (run: Run, i: number) => number) =>
      ({
        kind: "chart",
        title,
        x: { label: "angle in degrees", format: "count", ticks: angles.map((a) => ({ value: a, label: `${a}` })) },
        y: format === "percent" ? { label, format, high: 1 } : { label, format, low: 0 },
        series: NETS.map((net) => ({ name: net, points: angles.map((x, i) => ({ x, y: spreadOf(of(net, (run) => value(run, i))) })) })),
      }) as const;
    const growth = (net: NetName): string =>
      stages.map((stage, i) => `${stage} ${written(meanOf(change(net, one, i)), "percent")}`).join(", ");
    return {
      answer: answerOf(helping, harming, meanOf(NETS.map((net) => meanOf(change(net, one)))), order),
      headlines: NETS.map((net) => ({
        label: sentence(net),
        value: spreadOf(change(net, one)),
        format: "percent",
        more: "by so much of their length the scores change when an image moves by 1 pixel",
      })),
      setup: [
        ["Data", `${count(data.train)} images of ${data.name}, drawn anew for each seed; ${count(data.test)} test images`],
        ["Shifts", `${listed(shifts.map(String))} pixels up, down, left and right; zeros come in at the edge`],
        ["Angles", `${listed(angles.map(String))} degrees about the middle, both ways; bilinear`],
        [
          "Training",
          `SGD, momentum 0.9, batches of 32, ${steps} steps, learning rate 0.03 down to 0 by a cosine; images are not moved in training`,
        ],
        ["Change", "|f(moved) - f(image)| / |f(image)|, Euclidean, a mean over images and directions"],
        ["Consistency", "share of moved images that get the class they got unmoved, right or wrong"],
        ["Seeds", `${listed(seeds.map(String))}: images, weights and order`],
      ],
      nets,
      blocks: [
        chart("Change of the scores, shifted", "relative distance", "number", change),
        chart("Consistency", "images that keep their class", "percent", kept),
        chart("Accuracy on moved images", "test accuracy", "percent", (net, i) => of(net, (run) => run.accuracy[i]!)),
        {
          kind: "chart",
          title: `Change stage by stage, for a shift of ${shifts[one]}`,
          x: { label: "stage", format: "count", ticks: stages.map((label, value) => ({ value, label })) },
          y: { label: "relative distance of what the stage gives", format: "number", low: 0 },
          series: NETS.map((net) => ({ name: net, points: stages.map((_, x) => ({ x, y: spreadOf(change(net, one, x)) })) })),
        },
        turnedChart("Change of the scores, turned", "relative distance", "number", (run, i) => run.turned.changes[i]![scores]!),
        turnedChart("Consistency, turned", "images that keep their class", "percent", (run, i) => run.turned.consistency[i]!),
        {
          kind: "chart",
          title: `Change stage by stage, turned by ${angles[one]} degrees`,
          x: { label: "stage", format: "count", ticks: stages.map((label, value) => ({ value, label })) },
          y: { label: "relative distance of what the stage gives", format: "number", low: 0 },
          series: NETS.map((net) => ({
            name: net,
            points: stages.map((_, x) => ({ x, y: spreadOf(of(net, (run) => run.turned.changes[one]![x]!)) })),
          })),
        },
        turnedChart("Accuracy on turned images", "test accuracy", "percent", (run, i) => run.turned.accuracy[i]!),
        {
          kind: "table",
          title: "All numbers for shifts",
          columns: [
            { name: "Network" },
            { name: "Shift", format: "count" },
            { name: "Consistency", format: "percent" },
            { name: "Accuracy", format: "percent" },
            ...stages.map((name) => ({ name: `Change, ${name}`, format: "percent" }) as const),
          ],
          rows: NETS.flatMap((net) =>
            shifts.map((shift, i) => [
              net,
              shift,
              spreadOf(kept(net, i)),
              spreadOf(of(net, (run) => run.accuracy[i]!)),
              ...stages.map((_, stage) => spreadOf(change(net, i, stage))),
            ]),
          ),
        },
      ],
      says: [
        `Moved by ${counted(shifts[one]!, "pixel")}, scores change by ${listed(order.map((net) => `${written(meanOf(change(net, one)), "percent")} (${net})`))} of their length. ` +
          `${NETS.every((net) => Math.min(...change(net, one)) > 0) ? "None is invariant: that would be 0." : "A network that is invariant has 0."}`,
        `By consistency at ${counted(shifts[last]!, "pixel")}, ${comparison(best, kept(best, last), worst, kept(worst, last))}.`,
        `Stage by stage, for a shift of ${shifts[one]}: ${listed(NETS.map((net) => `${net}: ${growth(net)}`))}.`,
        `Turned by ${angles[one]} degrees, scores change by ${listed(NETS.map((net) => `${written(meanOf(of(net, (run) => run.turned.changes[one]![scores]!)), "percent")} (${net})`))}; ` +
          `turned by ${angles.at(-1)}, ${listed(NETS.map((net) => `${meanPercent(of(net, (run) => run.turned.consistency.at(-1)!))} (${net})`))} of the images keep their class.`,
        `Accuracy unmoved: ${listed(NETS.map((net) => `${meanPercent(of(net, (run) => run.accuracy[0]!))} (${net})`))}; moved by ${shifts[last]}: ` +
          `${listed(NETS.map((net) => `${meanPercent(of(net, (run) => run.accuracy[last]!))} (${net})`))}.`,
      ],
    };
  },
};

/** `values` in groups as long as those of `like`. */
function cutAs<T>(like: readonly (readonly unknown[])[], values: readonly T[]): readonly (readonly T[])[] {
  let at = 0;
  return like.map((group) => values.slice(at, (at += group.length)));
}

/** `helping` and `harming` pool in a way that clearly changes scores less or more than a stride does. */
function answerOf(helping: readonly NetName[], harming: readonly NetName[], overall: number, order: readonly NetName[]): string {
  const extent = `Not by itself: moved by one pixel, scores still change by ${written(overall, "percent")} of their length on average.`;
  const parts = [
    ...(helping.length > 0 ? [`less than with strides under ${listed(helping)}`] : []),
    ...(harming.length > 0 ? [`more under ${listed(harming)}`] : []),
  ];
  const beside = parts.length > 0 ? `They change ${listed(parts)}.` : "No way of pooling differs clearly from strides.";
  return `${extent} ${beside} In order, the steadiest first: ${listed(order)}.`;
}

const LAYERS: { readonly [N in NetName]: string } = {
  "max-pool": "twice (conv 5 x 5; ReLU; max-pool 2); dense",
  "mean-pool": "twice (conv 5 x 5; ReLU; mean-pool 2); dense",
  strided: "twice (conv 5 x 5, stride 2; ReLU); dense",
  "blurred max": "twice (conv 5 x 5; ReLU; max over 2 x 2 at every pixel; blur 3 x 3, stride 2); dense",
};

/** Both convolutions with what halves their maps, and the classifier. */
function stagesOf(net: NetName, { imageShape, classes }: Dataset): readonly Stage[] {
  const stride = net === "strided" ? 2 : 1;
  const conv = (from: number, to: number): Module[] => [new Conv2d(from, to, 5, { padding: 2, stride }), new ReLU()];
  const shrink = (): Module[] => {
    if (net === "max-pool") return [new MaxPool2d(2)];
    if (net === "mean-pool") return [new AvgPool2d(2)];
    return net === "strided" ? [] : [new MaxPool2d(2, { stride: 1 }), new BlurPool()];
  };
  const stages: readonly Stage[] = [
    { name: "conv 1", layers: conv(imageShape[0], 8) },
    { name: "half 1", layers: shrink() },
    { name: "conv 2", layers: conv(8, 16) },
    { name: "half 2", layers: shrink() },
  ];
  // A module that is no layer does not say its shapes beforehand: max-pooled maps have the same size.
  const features =
    net === "blurred max"
      ? blurredFeatures(imageShape)
      : featuresOf(
          stages.flatMap(({ layers }) => layers),
          imageShape,
        );
  return [...stages, { name: "scores", layers: [new Flatten(), new Linear(features, classes.length)] }];
}

/** A maximum at every pixel makes an extent 1 smaller, and a blurred stride halves it, rounded up. */
function blurredFeatures([, height, width]: readonly [number, number, number]): number {
  const half = (extent: number): number => Math.floor(extent / 2);
  return 16 * half(half(height)) * half(half(width));
}
