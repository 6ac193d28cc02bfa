import { countOf } from "../data/dataset.ts";
import { count, counted, significant } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { netRow } from "./lab/classifier.ts";
import { type DeepNetOptions, deepNet } from "./lab/deepNet.ts";
import { gradientsOf } from "./lab/gradients.ts";
import { wholeEpochs } from "./lab/lab.ts";
import { firstImages, someImages } from "./lab/someImages.ts";
import { difference } from "./report/difference.ts";
import type { NetRow } from "./report/report.ts";
import { meanOf, spreadOf } from "./report/spread.ts";
import { comparison, listed, meanPercent, sentence, times } from "./report/words.ts";

type Kind = "plain" | "plain, He" | "plain, batch norm" | "residual" | "residual, batch norm";
const KINDS: { readonly [K in Kind]: Pick<DeepNetOptions, "residual" | "batchNorm" | "init"> } = {
  plain: { residual: false, batchNorm: false, init: "default" },
  "plain, He": { residual: false, batchNorm: false, init: "he" },
  "plain, batch norm": { residual: false, batchNorm: true, init: "default" },
  residual: { residual: true, batchNorm: false, init: "default" },
  "residual, batch norm": { residual: true, batchNorm: true, init: "default" },
};
const NAMES = Object.keys(KINDS) as Kind[];

interface Run {
  readonly kind: Kind;
  readonly depth: number;
  readonly seed: number;
  /** Norm of the gradient by the weight of each convolution after the first, before training. */
  readonly norms: readonly number[];
  /** Training loss, a mean over every 10 steps. */
  readonly losses: readonly number[];
  /** Whether the loss stopped being a number. */
  readonly diverged: boolean;
  readonly testAccuracy: number;
}

interface Results {
  readonly data: { readonly train: number; readonly test: number; readonly name: string; readonly classes: number };
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly depths: readonly number[];
  readonly nets: readonly NetRow[];
  readonly runs: readonly Run[];
}

const BIN = 10;

/** H5: what do ways around layers do for depth? */
export const deepResidual: Experiment<Results> = {
  name: "deep-residual",
  line: "plain and residual networks, with and without batch norm, over depth: gradient norms by layer, loss, accuracy",
  question: "What do residual connections do for deep networks?",
  why: `Through every layer a gradient is multiplied by its weights and cut by its ReLU. If each layer shrinks it a little, many layers shrink it to
nothing, and the first ones stop learning. A residual block adds its input to its output, so the gradient has a way around. Batch norm and a
start that keeps the size of signals attack the same problem otherwise, so they belong in the comparison.`,
  needsData: true,

  async measure(lab) {
    const { train: allTrain, test: allTest } = lab.data;
    const seeds = lab.seeds();
    const depths = lab.choose([2, 6, 12, 18], [2, 4]);
    const images = Math.min(lab.choose(4000, BIN * 32), countOf(allTrain));
    const steps = wholeEpochs(images, lab.choose(400, BIN));
    const test = firstImages(allTest, lab.choose(1000, 64));
    const kinds = lab.choose<readonly Kind[]>(NAMES, ["plain", "residual, batch norm"]);
    const jobs = seeds.flatMap((seed) => depths.flatMap((depth) => kinds.map((kind) => ({ seed, depth, kind }))));
    const runs = await lab.each(
      jobs,
      ({ kind, depth, seed }) => `${kind}, ${depth} layers, seed ${seed}`,
      async ({ kind, depth, seed }): Promise<Run> => {
        const train = someImages(allTrain, images, seed);
        const { model, weights } = deepNet(train, { ...KINDS[kind], depth, seed });
        const norms = await gradientsOf(lab, model, firstImages(train, 64));
        const { losses, diverged } = await lab.train(model, { train, seed, steps, lr: 0.1 });
        const [testAccuracy] = await lab.accuracies(model, test);
        return {
          kind,
          depth,
          seed,
          norms: weights.map((name) => norms.get(name)!),
          losses: binned(losses),
          diverged,
          testAccuracy: testAccuracy!,
        };
      },
      ({ depth, kind }) => depth * (KINDS[kind].batchNorm ? 2 : 1) + 4,
    );
    const deepest = depths.at(-1)!;
    const nets = kinds.map((kind) =>
      netRow(
        `${kind}, ${deepest}`,
        `conv 3 x 3, stride 2, 12; ReLU; max-pool 2; ${deepest / 2} times ${KINDS[kind].batchNorm ? "(conv, norm, ReLU, conv, norm)" : "(conv, ReLU, conv)"}` +
          `${KINDS[kind].residual ? " + input" : ""}, ReLU; global mean; dense${KINDS[kind].init === "he" ? ". He's start" : ""}`,
        deepNet(allTrain, { ...KINDS[kind], depth: deepest, seed: 0 }).model,
        allTrain.imageShape,
      ),
    );
    const data = { train: images, test: countOf(test), name: allTrain.name, classes: allTrain.classes.length };
    return { results: { data, steps, seeds, depths, nets, runs } };
  },

  report({ data, steps, seeds, depths, nets, runs }) {
    const kinds = NAMES.filter((kind) => runs.some((run) => run.kind === kind));
    const own = (kind: Kind, depth: number): Run[] => runs.filter((run) => run.kind === kind && run.depth === depth);
    const accuracy = (kind: Kind, depth: number): number[] => own(kind, depth).map((run) => run.testAccuracy);
    const final = (kind: Kind, depth: number): number[] => own(kind, depth).map((run) => run.losses.at(-1)!);
    const [shallow, deep] = [depths[0]!, depths.at(-1)!];
    /** First layer's norm over the last one's. */
    const ratio = (kind: Kind, depth: number): number => meanOf(own(kind, depth).map(({ norms }) => norms[0]! / norms.at(-1)!));
    const byDepth = (title: string, label: string, format: "percent" | "number", value: (kind: Kind, depth: number) => number[]) =>
      ({
        kind: "chart",
        title,
        x: { label: "convolutions after the first one", format: "count", ticks: depths.map((d) => ({ value: d, label: `${d}` })) },
        y: { label, format, low: 0 },
        series: kinds.map((kind) => ({ name: kind, points: depths.map((x) => ({ x, y: spreadOf(value(kind, x)) })) })),
      }) as const;
    const bins = Math.min(...runs.filter(({ depth, diverged }) => depth === deep && !diverged).map(({ losses }) => losses.length));
    const pairs = (
      [
        ["residual", "plain"],
        ["residual, batch norm", "plain, batch norm"],
        ["residual", "plain, He"],
      ] as const
    ).filter((pair) => pair.every((kind) => kinds.includes(kind)));
    const lost = runs.filter(({ diverged }) => diverged);
    const verdict = (a: Kind, b: Kind) => difference(accuracy(a, deep), accuracy(b, deep)).sign;
    return {
      answer: answerOf(
        pairs.map(([a, b]) => ({ a, b, sign: verdict(a, b) })),
        deep,
        kinds.map((kind) => ({ kind, ratio: ratio(kind, deep) })),
      ),
      headlines: kinds
        .filter((kind) => kind !== "plain, He")
        .map((kind) => ({
          label: `${sentence(kind)}, ${deep} layers`,
          value: spreadOf(accuracy(kind, deep)),
          format: "percent",
          more: `of test images right; first gradient ${significant(ratio(kind, deep), 2)} of the last at the start`,
        })),
      setup: [
        [
          "Data",
          `${count(data.train)} images of ${data.name}, drawn anew for each seed; ${count(data.test)} test images; chance is ${significant(100 / data.classes, 2)}%`,
        ],
        ["Training", `SGD, momentum 0.9, batches of 32, ${steps} steps, learning rate 0.1 down to 0 by a cosine, the same for all`],
        ["Start", "weights of convolutions uniform within 1 / sqrt(fan-in) (PyTorch's default), or normal with variance 2 / fan-in (He)"],
        ["Gradients", "Euclidean norm by the weights of each convolution, on 64 training images, before the first step"],
        ["Seeds", `${listed(seeds.map(String))}: images, weights and order`],
      ],
      nets,
      blocks: [
        {
          kind: "chart",
          title: `Gradients at the start, ${deep} layers`,
          x: { label: "convolution, from the input on", format: "count" },
          y: { label: "norm of the gradient", format: "number", scale: "log" },
          series: kinds.map((kind) => ({
            name: kind,
            points: Array.from({ length: deep }, (_, i) => ({ x: i + 1, y: spreadOf(own(kind, deep).map(({ norms }) => norms[i]!)) })),
          })),
        },
        {
          kind: "chart",
          title: `Training, ${deep} layers`,
          x: { label: "step", format: "count", low: 0 },
          y: { label: `training loss, mean of ${BIN} steps`, format: "number", low: 0 },
          series: kinds.map((kind) => ({
            name: kind,
            points: Array.from({ length: Math.max(0, bins) }, (_, i) => ({
              x: (i + 0.5) * BIN,
              y: spreadOf(own(kind, deep).map(({ losses }) => losses[i] ?? Number.NaN)),
            })),
          })),
        },
        byDepth("Training loss at the end", "training loss, last 10 steps", "number", final),
        byDepth("Test accuracy", "test accuracy", "percent", accuracy),
        {
          kind: "table",
          title: "All depths",
          columns: [
            { name: "Network" },
            { name: "Layers", format: "count" },
            { name: "Test accuracy", format: "percent" },
            { name: "Training loss", format: "number" },
            { name: "First gradient", format: "number" },
            { name: "Last gradient", format: "number" },
            { name: "First to last", format: "number" },
          ],
          rows: kinds.flatMap((kind) =>
            depths.map((depth) => [
              kind,
              depth,
              spreadOf(accuracy(kind, depth)),
              spreadOf(final(kind, depth)),
              meanOf(own(kind, depth).map(({ norms }) => norms[0]!)),
              meanOf(own(kind, depth).map(({ norms }) => norms.at(-1)!)),
              ratio(kind, depth),
            ]),
          ),
        },
      ],
      says: [
        `With ${deep} layers, the gradient by the first of them is, at the start, ${listed(kinds.map((kind) => `${significant(ratio(kind, deep), 2)} (${kind})`))} of that by the last.`,
        ...pairs.map(
          ([a, b]) => `${sentence(comparison(`${a}, ${deep} layers`, accuracy(a, deep), `${b}, ${deep} layers`, accuracy(b, deep)))}.`,
        ),
        ...kinds.map((kind) => {
          const d = difference(accuracy(kind, deep), accuracy(kind, shallow));
          const turn = { above: "gains by depth", below: "loses by depth", unclear: "shows no clear effect of depth" }[d.sign];
          return `${sentence(kind)} ${turn}: ${meanPercent(accuracy(kind, shallow))} with ${shallow} layers, ${meanPercent(accuracy(kind, deep))} with ${deep}.`;
        }),
        `Networks of ${deep} layers that get more than half of the test images right: ` +
          `${listed(kinds.map((kind) => `${kind} in ${accuracy(kind, deep).filter((share) => share > 0.5).length} of ${counted(seeds.length, "run")}`))}. ` +
          "All have the same learning rate; another might train some that this one does not.",
        ...(lost.length > 0
          ? [`Diverged: ${listed(lost.map(({ kind, depth, seed }) => `${kind} with ${depth} layers, seed ${seed}`))}.`]
          : []),
      ],
    };
  },
};

type Sign = "above" | "below" | "unclear";

function answerOf(
  pairs: readonly { readonly a: Kind; readonly b: Kind; readonly sign: Sign }[],
  deep: number,
  ratios: readonly { readonly kind: Kind; readonly ratio: number }[],
): string {
  const parts = pairs.map(({ a, b, sign }) =>
    sign === "unclear"
      ? `“${a}” is not clearly apart from “${b}”`
      : `“${a}” is clearly ${sign === "above" ? "better" : "worse"} than “${b}”`,
  );
  const [plain, residual] = (["plain", "residual"] as const).map((kind) => ratios.find((r) => r.kind === kind)?.ratio);
  const gradient =
    plain === undefined || residual === undefined
      ? ""
      : residual > plain
        ? ` They let the gradient through: at the first layer, beside that at the last, it is ${times(residual / plain)} as large as in the plain network.`
        : " The gradient of the first layer is no larger with them than in the plain network.";
  return `${pairs.length === 0 ? "Nothing was compared." : `With ${deep} layers ${listed(parts)}.`}${gradient}`;
}

/** Means of 10 steps each; a step that is not a number makes its mean so too. */
const binned = (losses: readonly number[]): number[] =>
  Array.from({ length: Math.floor(losses.length / BIN) }, (_, i) => meanOf(losses.slice(i * BIN, (i + 1) * BIN)));
