import { ReLU } from "../nn/layers/activation.ts";
import { GlobalMaxPool } from "../nn/layers/adaptivePool.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import { count, counted } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { type Classifier, netRow, sequence } from "./lab/classifier.ts";
import { wholeEpochs } from "./lab/lab.ts";
import { MARK_IMAGE, MARK_TASKS, type MarkTask, markImages } from "./lab/markTasks.ts";
import { firstImages } from "./lab/someImages.ts";
import { difference } from "./report/difference.ts";
import type { NetRow, Picture } from "./report/report.ts";
import { spreadOf } from "./report/spread.ts";
import { listed, meanPercent, sentence } from "./report/words.ts";

const NETS = ["small field", "large field", "small field, then dense", "dense"] as const;
type NetName = (typeof NETS)[number];

interface Run {
  readonly task: MarkTask;
  readonly net: NetName;
  readonly seed: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}

interface Results {
  readonly images: { readonly train: number; readonly test: number };
  readonly tasks: readonly MarkTask[];
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly nets: readonly NetRow[];
  readonly runs: readonly Run[];
  readonly pictures: readonly Picture[];
}

const QUESTIONS: { readonly [T in MarkTask]: string } = {
  kind: "which mark is it?",
  place: "is the mark on the left or on the right?",
  order: "which of two marks far apart is on the left?",
  equal: "are two marks far apart of one kind?",
};
const CHANCE = 0.5;
const LR = 0.05;
/** Below this accuracy on its own training images a network has not learnt its task; above it on test images it has. */
const LEARNT = 0.9;

/** H3: a prior that is wrong for the task makes a network underfit. */
export const farApart: Experiment<Results> = {
  name: "far-apart",
  line: "tasks in which absolute position or pixels far apart matter: where small fields and global pooling underfit",
  question: "When does the convolutional prior do harm?",
  why: `A prior helps as long as it is right. Small fields followed by global pooling say that only what stands where within a few pixels can
matter, and neither where that is nor what else there is. On a task that breaks this, no amount of data or training helps: the network
cannot even learn its training images, which is underfitting.`,
  needsData: false,

  async measure(lab) {
    const seeds = lab.seeds(3, 1);
    const tasks = lab.choose<readonly MarkTask[]>(MARK_TASKS, ["kind", "order"]);
    const images = { train: lab.choose(2000, 64), test: lab.choose(1000, 64) };
    const steps = wholeEpochs(images.train, lab.choose(800, 10));
    const jobs = seeds.flatMap((seed) => tasks.flatMap((task) => NETS.map((net) => ({ seed, task, net }))));
    const runs = await lab.each(
      jobs,
      ({ net, task, seed }) => `${task}: ${net}, seed ${seed}`,
      async ({ net, task, seed }): Promise<Run> => {
        const train = markImages(task, images.train, seed, "train");
        const model = makeNet(net);
        await lab.train(model, { train, seed, steps, lr: LR });
        const [trainAccuracy, testAccuracy] = await lab.accuracies(model, train, markImages(task, images.test, seed, "test"));
        return { task, net, seed, trainAccuracy: trainAccuracy!, testAccuracy: testAccuracy! };
      },
      ({ net }) => (net === "dense" ? 1 : 3),
    );
    const shape = [1, MARK_IMAGE, MARK_IMAGE] as const;
    const pictures = tasks.flatMap((task): Picture[] => {
      const all = markImages(task, 40, lab.seed, "test");
      return [0, 1].map((label): Picture => {
        const i = all.labels.data.indexOf(label);
        const size = MARK_IMAGE * MARK_IMAGE;
        return {
          caption: `${task}: ${all.classes[label]}`,
          kind: "photo",
          shape,
          data: [...firstImages(all, i + 1).images.data.subarray(i * size, (i + 1) * size)],
        };
      });
    });
    const nets = NETS.map((net) => netRow(net, LAYERS[net], makeNet(net), shape));
    return { results: { images, tasks, steps, seeds, nets, runs, pictures } };
  },

  report({ images, tasks, steps, seeds, nets, runs, pictures }) {
    const of = (task: MarkTask, net: NetName, what: "trainAccuracy" | "testAccuracy" = "testAccuracy"): number[] =>
      runs.filter((run) => run.task === task && run.net === net).map((run) => run[what]);
    const small: NetName = NETS[0];
    /** Runs in which a network knows its training images, or the test images. */
    const knows = (task: MarkTask, net: NetName, what: "trainAccuracy" | "testAccuracy"): number =>
      of(task, net, what).filter((accuracy) => accuracy >= LEARNT).length;
    const all = seeds.length;
    const failed = tasks.filter((task) => knows(task, small, "trainAccuracy") === 0);
    const learnt = tasks.filter((task) => knows(task, small, "testAccuracy") > 0);
    const inRuns = (n: number): string => (n === all ? (all === 1 ? "the one run" : `all ${all} runs`) : `${n} of ${counted(all, "run")}`);
    const solvers = (task: MarkTask): string[] =>
      NETS.filter((net) => net !== small && knows(task, net, "testAccuracy") > 0).map(
        (net) => `“${net}” in ${inRuns(knows(task, net, "testAccuracy"))}`,
      );
    const overfit = (task: MarkTask): NetName[] =>
      NETS.filter((net) => knows(task, net, "trainAccuracy") === all && knows(task, net, "testAccuracy") === 0);
    const atChance = (task: MarkTask): boolean => {
      const own = of(task, small);
      return (
        difference(
          own,
          own.map(() => CHANCE),
        ).sign !== "above"
      );
    };
    const verdictOf = (task: MarkTask): string => {
      const n = knows(task, small, "testAccuracy");
      if (n > 0) return `it has learnt the task in ${inRuns(n)}${n < all ? " and got stuck in the others" : ""}`;
      return failed.includes(task)
        ? `it underfits${atChance(task) ? ", and is not above chance" : ""}`
        : "it knows its training images, but not the task";
    };
    return {
      answer: answerOf(
        failed,
        learnt,
        failed.filter((task) => solvers(task).length > 0),
      ),
      headlines: tasks.map((task) => ({
        label: `Small field, ${task}`,
        value: spreadOf(of(task, small)),
        format: "percent",
        more: QUESTIONS[task],
      })),
      setup: [
        [
          "Data",
          `generated: ${count(images.train)} training and ${count(images.test)} test images of ${MARK_IMAGE} x ${MARK_IMAGE} for each task and seed`,
        ],
        ["Tasks", `${tasks.map((task) => `${task}: ${QUESTIONS[task]}`).join(" ")} Chance is 50%.`],
        ["Margins", "no mark is within 4 pixels of an edge, so that the zeros around the image give nothing away to a field of 5 pixels"],
        ["Training", `SGD, momentum 0.9, batches of 32, ${steps} steps, learning rate ${LR} down to 0 by a cosine`],
        ["Seeds", `${listed(seeds.map(String))}: images, weights and order`],
      ],
      nets,
      blocks: [
        { kind: "pictures", title: "The tasks", items: pictures },
        ...(["testAccuracy", "trainAccuracy"] as const).map(
          (what) =>
            ({
              kind: "table",
              title: what === "testAccuracy" ? "Accuracy on test images" : "Accuracy on training images",
              columns: [{ name: "Network" }, ...tasks.map((task) => ({ name: sentence(task), format: "percent", bar: true }) as const)],
              rows: NETS.map((net) => [net, ...tasks.map((task) => spreadOf(of(task, net, what)))]),
            }) as const,
        ),
      ],
      says: [
        ...tasks.map((task) => {
          const trained = `${meanPercent(of(task, small, "trainAccuracy"))} of its training images and ${meanPercent(of(task, small))} of test images`;
          const others = solvers(task);
          const rest = others.length > 0 ? `Others that learn it: ${listed(others)}.` : "No other network learns it.";
          return `${sentence(task)} (${QUESTIONS[task]}) The small field with global pooling gets ${trained}: ${verdictOf(task)}. ${rest}`;
        }),
        ...tasks.flatMap((task) =>
          overfit(task).length > 0
            ? [
                `${sentence(task)} is overfitted by: ${listed(overfit(task).map((net) => `“${net}”`))}, which know their training images only.`,
              ]
            : [],
        ),
        `A field of 5 pixels under a global maximum sees a bag of patches: the same whichever of two marks is on the left, and wherever one mark is. ` +
          `To know which patches there are is enough to tell whether two marks are equal, so that task does not need to look far.`,
      ],
    };
  },
};

/** `failed` and `learnt` by the small field; `solved` are those of the failed that another network learns. */
function answerOf(failed: readonly MarkTask[], learnt: readonly MarkTask[], solved: readonly MarkTask[]): string {
  const fits = learnt.length > 0 ? `It learns: ${listed(learnt)}.` : "It learns none of the others either.";
  if (failed.length === 0) return `In none of these tasks: the small field with global pooling fits all its training images. ${fits}`;
  const others =
    solved.length === failed.length
      ? "others learn them"
      : solved.length === 0
        ? "no other network learns them, so the prior alone is not to blame"
        : `of these others learn ${listed(solved)}`;
  return `Where it is wrong: a small field with global pooling cannot even fit its training images of the tasks ${listed(failed.map((t) => `“${t}”`))}, and ${others}. ${fits}`;
}

const LAYERS: { readonly [N in NetName]: string } = {
  "small field": "conv 3 x 3, 8; ReLU; conv 3 x 3, 16; ReLU; global maximum; dense, 32; ReLU; dense. Field 5 x 5",
  "large field":
    "conv 3 x 3, 8, and 3 times conv 3 x 3, 16; each with ReLU, max-pool 2 after the first three; global maximum; dense, 32; ReLU; dense. Field 38 x 38",
  "small field, then dense": "conv 3 x 3, 8; ReLU; conv 3 x 3, 16; ReLU; max-pool 4; dense, 32; ReLU; dense",
  dense: "dense, 128; ReLU; dense",
};

function makeNet(net: NetName): Classifier {
  const conv = (from: number, to = 16) => [new Conv2d(from, to, 3, { padding: 1 }), new ReLU()];
  const head = (features: number) => [new Linear(features, 32), new ReLU(), new Linear(32, 2)];
  const pool = () => new MaxPool2d(2);
  const pooled = MARK_IMAGE / 4;
  switch (net) {
    case "small field":
      return sequence(...conv(1, 8), ...conv(8), new GlobalMaxPool(), ...head(16));
    case "large field":
      return sequence(...conv(1, 8), pool(), ...conv(8), pool(), ...conv(16), pool(), ...conv(16), new GlobalMaxPool(), ...head(16));
    case "small field, then dense":
      return sequence(...conv(1, 8), ...conv(8), new MaxPool2d(4), new Flatten(), ...head(16 * pooled * pooled));
    case "dense":
      return sequence(new Flatten(), new Linear(MARK_IMAGE * MARK_IMAGE, 128), new ReLU(), new Linear(128, 2));
  }
}
