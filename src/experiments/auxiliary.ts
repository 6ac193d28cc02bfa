import { countOf } from "../data/dataset.ts";
import { count, counted } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { netRow } from "./lab/classifier.ts";
import { deepNet } from "./lab/deepNet.ts";
import { gradientsOf } from "./lab/gradients.ts";
import { wholeEpochs } from "./lab/lab.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { difference } from "./report/difference.ts";
import type { NetRow } from "./report/report.ts";
import { meanOf, spreadOf } from "./report/spread.ts";
import { comparison, listed, sentence, times } from "./report/words.ts";

const KINDS = ["without heads", "one head", "two heads"] as const;
type Kind = (typeof KINDS)[number];

interface Run {
  readonly kind: Kind;
  readonly depth: number;
  readonly seed: number;
  /** Norm of the gradient by the weight of each convolution after the first: before training, and after it. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}

interface Results {
  readonly data: { readonly train: number; readonly test: number; readonly name: string };
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly depths: readonly number[];
  readonly nets: readonly NetRow[];
  readonly runs: readonly Run[];
}

/** H6: what does a second classifier in the middle do? */
export const auxiliary: Experiment<Results> = {
  name: "auxiliary",
  line: "an auxiliary classifier in a deep plain network, on and off: gradients of the early layers, accuracy",
  question: "What does an auxiliary head do for the early layers?",
  why: `A classifier in the middle of a deep network gives the layers before it a loss of their own, a short way off. It is thrown away after training.
GoogLeNet was trained with two of them against vanishing gradients; how much they help depends on how badly the gradient vanishes without.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const seeds = lab.seeds(5);
    const depths = lab.choose([4, 6, 8], [4]);
    const images = Math.min(lab.choose(4000, 64), countOf(allTrain));
    const steps = wholeEpochs(images, lab.choose(800, 8));
    const test = firstImages(allTest, lab.choose(1000, 64));
    const make = (data: typeof allTrain, kind: Kind, depth: number, seed: number) =>
      deepNet(data, {
        residual: false,
        batchNorm: false,
        init: "default",
        depth,
        seed,
        heads: headsOf(kind, depth),
      });
    const jobs = seeds.flatMap((seed) => depths.flatMap((depth) => KINDS.map((kind) => ({ seed, depth, kind }))));
    const runs = await lab.each(
      jobs,
      ({ kind, depth, seed }) => `${kind}, ${depth} layers, seed ${seed}`,
      async ({ kind, depth, seed }): Promise<Run> => {
        const train = someImages(allTrain, images, seed);
        const { model, weights } = make(train, kind, depth, seed);
        const probe = firstImages(train, 64);
        const norms = async (): Promise<number[]> => {
          const found = await gradientsOf(lab, model, probe);
          return weights.map((name) => found.get(name)!);
        };
        const before = await norms();
        await lab.train(model, { train, seed, steps, lr: 0.1 });
        const [trainAccuracy, testAccuracy] = await lab.accuracies(model, train, test);
        return { kind, depth, seed, before, after: await norms(), trainAccuracy: trainAccuracy!, testAccuracy: testAccuracy! };
      },
      ({ depth }) => depth + 2,
    );
    const deepest = depths.at(-1)!;
    const nets = KINDS.map((kind) =>
      netRow(
        `${kind}, ${deepest}`,
        `conv 3 x 3, stride 2, 12; ReLU; max-pool 2; ${deepest / 2} times (conv, ReLU, conv, ReLU); global mean; dense` +
          `${kind === KINDS[0] ? "" : `. After ${listed(headsOf(kind, deepest).map((pair) => `${2 * (pair + 1)}`))} of the convolutions: global mean, dense`}`,
        make(allTrain, kind, deepest, 0).model,
        allTrain.imageShape,
      ),
    );
    return { results: { data: { train: images, test: countOf(test), name: allTrain.name }, steps, seeds, depths, nets, runs } };
  },

  report({ data, steps, seeds, depths, nets, runs }) {
    const own = (kind: Kind, depth: number): Run[] => runs.filter((run) => run.kind === kind && run.depth === depth);
    const accuracy = (kind: Kind, depth: number): number[] => own(kind, depth).map((run) => run.testAccuracy);
    const [off, one, two] = KINDS;
    const heads = [one, two] as const;
    const deep = depths.at(-1)!;
    const first = (kind: Kind, depth: number, when: "before" | "after"): number[] => own(kind, depth).map((run) => run[when][0]!);
    /** How many times larger the first layer's gradient is with heads, at the start. */
    const gain = (kind: Kind, depth: number): number =>
      meanOf(first(kind, depth, "before").map((norm, i) => norm / first(off, depth, "before")[i]!));
    const verdicts = heads.flatMap((kind) =>
      depths.map((depth) => ({ kind, depth, sign: difference(accuracy(kind, depth), accuracy(off, depth)).sign })),
    );
    const trained = (kind: Kind, depth: number): number => accuracy(kind, depth).filter((share) => share > 0.5).length;
    const still = runs.some((run) => run.depth === deep && run.after.includes(0));
    const depthAxis = {
      label: "convolutions after the first one",
      format: "count",
      ticks: depths.map((d) => ({ value: d, label: `${d}` })),
    } as const;
    const chartOf = (when: "before" | "after") =>
      ({
        kind: "chart",
        title: `Gradients ${when} training, ${deep} layers`,
        x: { label: "convolution, from the input on", format: "count" },
        y: { label: "norm of the gradient", format: "number", scale: "log" },
        series: KINDS.map((kind) => ({
          name: kind,
          points: Array.from({ length: deep }, (_, i) => ({ x: i + 1, y: spreadOf(own(kind, deep).map((run) => run[when][i]!)) })),
        })),
        ...(when === "after" && still && { note: "A logarithmic axis has no place for a gradient that is exactly zero." }),
      }) as const;
    return {
      answer: answerOf(gain(one, deep), deep, verdicts),
      headlines: [
        {
          label: "Gradient of the first layer",
          value: gain(one, deep),
          format: "number",
          more: `times as large with one head, at the start of ${deep} layers`,
        },
        ...KINDS.map((kind) => ({
          label: `${sentence(kind)}, ${deep} layers`,
          value: spreadOf(accuracy(kind, deep)),
          format: "percent" as const,
          more: "of test images right",
        })),
      ],
      setup: [
        ["Data", `${count(data.train)} images of ${data.name}, drawn anew for each seed; ${count(data.test)} test images`],
        ["Training", `SGD, momentum 0.9, batches of 32, ${steps} steps, learning rate 0.1 down to 0 by a cosine`],
        [
          "Heads",
          "a global mean and a dense layer after half of the network, or two after one and two thirds; the loss of each counts 0.3 times, and they are left out of tests",
        ],
        ["Gradients", "Euclidean norm by the weights of each convolution, of the whole training loss, on 64 training images"],
        [
          "Seeds",
          `${listed(seeds.map(String))}: images, weights and order; convolutions start with the same weights with and without the head`,
        ],
      ],
      nets,
      blocks: [
        chartOf("before"),
        chartOf("after"),
        {
          kind: "chart",
          title: "Test accuracy",
          x: depthAxis,
          y: { label: "test accuracy", format: "percent", low: 0 },
          series: KINDS.map((kind) => ({ name: kind, points: depths.map((x) => ({ x, y: spreadOf(accuracy(kind, x)) })) })),
        },
        {
          kind: "chart",
          title: "Gradient of the first layer, before training",
          x: depthAxis,
          y: { label: "norm of the gradient", format: "number", scale: "log" },
          series: KINDS.map((kind) => ({ name: kind, points: depths.map((x) => ({ x, y: spreadOf(first(kind, x, "before")) })) })),
        },
        {
          kind: "table",
          title: "All depths",
          columns: [
            { name: "Network" },
            { name: "Layers", format: "count" },
            { name: "Test accuracy", format: "percent" },
            { name: "Training accuracy", format: "percent" },
            { name: "First gradient, before", format: "number" },
            { name: "First gradient, after", format: "number" },
          ],
          rows: depths.flatMap((depth) =>
            KINDS.map((kind) => [
              kind,
              depth,
              spreadOf(accuracy(kind, depth)),
              spreadOf(own(kind, depth).map((run) => run.trainAccuracy)),
              meanOf(first(kind, depth, "before")),
              meanOf(first(kind, depth, "after")),
            ]),
          ),
        },
      ],
      says: [
        ...heads.map(
          (kind) =>
            `At the start ${kind === one ? "one head makes" : "two heads make"} the gradient of the first layer ` +
            `${listed(depths.map((depth) => `${times(gain(kind, depth))} as large with ${depth} layers`))}.`,
        ),
        ...depths.flatMap((depth) =>
          heads.map(
            (kind) =>
              `With ${depth} layers, ${comparison(`the network with ${kind}`, accuracy(kind, depth), "the one without", accuracy(off, depth))}.`,
          ),
        ),
        `More than half of the test images right: ` +
          `${listed(depths.map((depth) => `with ${depth} layers ${listed(KINDS.map((kind) => `${trained(kind, depth)} (${kind})`))}`))} of ${counted(seeds.length, "run")} each.`,
      ],
    };
  },
};

type Verdict = { readonly kind: Kind; readonly depth: number; readonly sign: "above" | "below" | "unclear" };

function answerOf(gain: number, deep: number, verdicts: readonly Verdict[]): string {
  const head =
    gain > 1
      ? `One head makes the gradient of the first layer ${times(gain)} as large at the start, with ${deep} layers.`
      : `One head does not enlarge the gradient of the first layer at the start, with ${deep} layers.`;
  const which = (sign: Verdict["sign"]): string =>
    listed(verdicts.filter((v) => v.sign === sign).map(({ kind, depth }) => `${depth} layers and ${kind}`));
  const parts = [
    ...(which("above") === "" ? [] : [`clearly more accurate with ${which("above")}`]),
    ...(which("below") === "" ? [] : [`clearly less accurate with ${which("below")}`]),
  ];
  return `${head} ${parts.length > 0 ? `Networks become ${listed(parts)}.` : "No depth shows a clear effect on accuracy."}`;
}

/** After which of the pairs of convolutions the heads stand: in equal parts of the network. */
function headsOf(kind: Kind, depth: number): readonly number[] {
  const heads = KINDS.indexOf(kind);
  return Array.from({ length: heads }, (_, k) => Math.max(k, Math.round(((depth / 2) * (k + 1)) / (heads + 1)) - 1));
}
