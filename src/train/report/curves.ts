import { type Axis, linearAxis, logAxis, roundStep } from "./axis.ts";
import { lineChart, type Point, type Series } from "./chart.ts";
import type { EpochMetrics, ReportData, StepLoss } from "./data.ts";
import { epochTable } from "./epochTable.ts";
import { count, percent, short, significant } from "./format.ts";
import { type Html, html } from "./html.ts";

/** Points that the curve of single steps is averaged down to: more would be noise. */
const STEP_POINTS = 300;
/** With more epochs, marks would hide the line. */
const MARKED_EPOCHS = 30;
/** Losses that differ by more get a logarithmic axis. */
const LOG_RATIO = 20;

/** Loss and accuracy over the epochs, on training and on test images, and the table of all numbers. */
export function curves(data: ReportData): Html {
  const { epochs } = data;
  const last = epochs.at(-1);
  if (!last) return html`<p>No epoch was finished.</p>`;
  const steps = averaged(data.steps, STEP_POINTS);
  const best = epochs.reduce((a, e, i) => (e.testAccuracy > epochs[a]!.testAccuracy ? i : a), 0);
  return html`<p>${summary(epochs, best)}</p>
<div class="pair">
${lossChart(data, steps)}
${accuracyChart(data)}
</div>
<p class="note">Training figures are means over an epoch, taken while the weights were still changing, so they are drawn at the
epoch’s middle. Test figures are measured at its end.</p>
${epochTable(epochs)}`;
}

function summary(epochs: readonly EpochMetrics[], best: number): string {
  const last = epochs.at(-1)!;
  const lost = epochs.findIndex((e) => !Number.isFinite(e.trainLoss));
  if (lost >= 0) return `Training diverged: in epoch ${lost + 1} the loss stopped being a number. A lower learning rate may help.`;
  const end = `After ${epochs.length === 1 ? "one epoch" : `${count(epochs.length)} epochs`} the test loss is ${significant(last.testLoss)}`;
  if (epochs.length === 1) return `${end} and the training loss ${significant(last.trainLoss)}.`;
  const top = `${percent(epochs[best]!.testAccuracy)}`;
  const when = best === epochs.length - 1 ? "in the last epoch" : `in epoch ${best + 1}`;
  return `${end} and the training loss ${significant(last.trainLoss)}. Test accuracy was highest ${when}, at ${top}.`;
}

function lossChart({ epochs, stepsPerEpoch }: ReportData, steps: { readonly points: readonly StepLoss[]; readonly of: number }): Html {
  const stepLine = steps.points.map(({ step, loss }) => ({ x: step / stepsPerEpoch, y: loss }));
  const series: readonly Series[] = [{ name: "steps", points: stepLine }, ...epochSeries(epochs, "trainLoss", "testLoss")];
  const y = lossAxis(series.flatMap((s) => s.points));
  const last = epochs.at(-1)!;
  return html`<figure>
<figcaption><h3>Loss${y.logarithmic && html` <small>logarithmic scale</small>`}</h3>
${legend(marked(epochs), significant(last.trainLoss), significant(last.testLoss), steps.points.length > 0 && steps.of)}</figcaption>
${lineChart({
  description: `Loss by epoch. At the end ${significant(last.trainLoss)} in training and ${significant(last.testLoss)} on test images.`,
  x: epochAxis(epochs),
  y: y.axis,
  xLabel: "epoch",
  series,
  strips: epochs.map((e, i) => ({
    x: i + 1,
    text: `Epoch ${i + 1}: training loss ${significant(e.trainLoss)}, test loss ${significant(e.testLoss)}, learning rate ${short(e.lr)}`,
  })),
})}
</figure>`;
}

function accuracyChart({ epochs }: ReportData): Html {
  const series = epochSeries(epochs, "trainAccuracy", "testAccuracy");
  const lowest = Math.min(1, ...series.flatMap((s) => s.points.map((p) => p.y)).filter(Number.isFinite));
  const step = roundStep(Math.max(1 - lowest, 0.004) / 4);
  const low = Math.max(0, Math.floor(lowest / step - 0.25) * step);
  const last = epochs.at(-1)!;
  return html`<figure>
<figcaption><h3>Accuracy</h3>
${legend(marked(epochs), percent(last.trainAccuracy), percent(last.testAccuracy))}</figcaption>
${lineChart({
  description: `Accuracy by epoch. At the end ${percent(last.trainAccuracy)} in training and ${percent(last.testAccuracy)} on test images.`,
  x: epochAxis(epochs),
  y: linearAxis(low, 1, 7, (v) => `${short(v * 100)}%`),
  xLabel: "epoch",
  series,
  strips: epochs.map((e, i) => ({
    x: i + 1,
    text: `Epoch ${i + 1}: training accuracy ${percent(e.trainAccuracy)}, test accuracy ${percent(e.testAccuracy)}`,
  })),
})}
</figure>`;
}

function epochSeries(epochs: readonly EpochMetrics[], train: keyof EpochMetrics, test: keyof EpochMetrics): readonly Series[] {
  const marks = marked(epochs);
  return [
    { name: "train", points: epochs.map((e, i) => ({ x: i + 0.5, y: e[train] })), ...(marks && { marks: "ring" }) },
    { name: "test", points: epochs.map((e, i) => ({ x: i + 1, y: e[test] })), ...(marks && { marks: "disc" }) },
  ];
}

const marked = (epochs: readonly EpochMetrics[]): boolean => epochs.length <= MARKED_EPOCHS;

const epochAxis = (epochs: readonly EpochMetrics[]): Axis => linearAxis(0, epochs.length, 10, count, 1);

function lossAxis(points: readonly Point[]): { readonly axis: Axis; readonly logarithmic: boolean } {
  const values = points.map((p) => p.y).filter(Number.isFinite);
  const high = values.length === 0 ? 1 : Math.max(1e-9, ...values);
  const low = Math.min(high, ...values);
  if (low > 0 && high / low > LOG_RATIO) return { axis: logAxis(low / 1.15, high * 1.1, short), logarithmic: true };
  const step = roundStep(high / 6);
  return { axis: linearAxis(0, Math.ceil(high / step) * step, 6, short), logarithmic: false };
}

/** Means of equally many neighbours each, at most `most` of them. A step that is not finite makes its mean so too. */
function averaged(steps: readonly StepLoss[], most: number): { readonly points: readonly StepLoss[]; readonly of: number } {
  const of = Math.ceil(steps.length / most) || 1;
  const points: StepLoss[] = [];
  for (let i = 0; i < steps.length; i += of) {
    const part = steps.slice(i, i + of);
    const mean = (value: (s: StepLoss) => number) => part.reduce((sum, s) => sum + value(s), 0) / part.length;
    points.push({ step: mean((s) => s.step), loss: mean((s) => (Number.isFinite(s.loss) ? s.loss : Number.NaN)) });
  }
  return { points, of };
}

function legend(marked: boolean, train: string, test: string, averageOf: number | false = false): Html {
  const key = (name: string, mark: string | false) =>
    html`<svg class="key" viewBox="0 0 26 10" aria-hidden="true"><path class="line ${name}" d="M1 5H25"/>${mark && html`<circle class="${mark} ${name}" cx="13" cy="5" r="3.5"/>`}</svg>`;
  return html`<ul class="legend">
<li>${key("test", marked && "disc")}test <b>${test}</b></li>
<li>${key("train", marked && "ring")}training <b>${train}</b></li>
${averageOf !== false && html`<li>${key("steps", false)}${averageOf === 1 ? "each step" : `mean of ${averageOf} steps`}</li>`}
</ul>`;
}
