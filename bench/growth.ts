/**
 * How the time of a training step grows with batch, image and width, of ResNet-20 on one thread:
 *
 *     npx tsx bench/growth.ts [--out FILE.html]
 *
 * Prints a table with the exponent of each, the slope of the times in double logarithms, and writes a page of its own with the plots
 * (default growth.html). Arithmetic grows with the batch to the power 1, and with image and width to the power 2; a smaller exponent of
 * times means that larger work runs at a better rate, a larger one that it leaves the caches.
 */
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../src/base/writeFileAtomic.ts";
import { chartView } from "../src/experiments/page/chartView.ts";
import { EXPERIMENT_STYLE } from "../src/experiments/page/style.ts";
import { tableView } from "../src/experiments/page/tableView.ts";
import type { Chart, Table } from "../src/experiments/report/report.ts";
import { wasm } from "../src/index.ts";
import { resnet20 } from "../src/models/index.ts";
import { pageOf } from "../src/train/report/document.ts";
import { html } from "../src/train/report/html.ts";
import { exponent, type Measured } from "./exponent.ts";
import { trainingStep } from "./programs.ts";
import { isNoisy, time } from "./stopwatch.ts";

/** A step of ResNet-20 on `batch` images of `image` x `image` pixels, with `width` channels first. */
interface Setting {
  readonly batch: number;
  readonly image: number;
  readonly width: number;
}

/** A quantity that grows while the others stay. */
interface Growth {
  readonly of: keyof Setting;
  readonly label: string;
  readonly values: readonly number[];
  readonly base: Setting;
  /** Of the arithmetic. */
  readonly power: number;
}

const GROWTHS: readonly Growth[] = [
  { of: "batch", label: "Images in a batch", values: [1, 2, 4, 8, 16, 32, 64], base: { batch: 1, image: 32, width: 16 }, power: 1 },
  { of: "image", label: "Pixels along a side", values: [16, 32, 48, 64, 96, 128], base: { batch: 2, image: 16, width: 16 }, power: 2 },
  { of: "width", label: "Channels of the first stage", values: [8, 16, 32, 64, 128], base: { batch: 2, image: 32, width: 8 }, power: 2 },
];

interface Grown {
  readonly growth: Growth;
  readonly points: readonly Measured[];
  readonly noisy: boolean;
}

async function measure(growth: Growth): Promise<Grown> {
  const points: Measured[] = [];
  let noisy = false;
  for (const x of growth.values) {
    const setting: Setting = { ...growth.base, [growth.of]: x };
    const { batch, image, width } = setting;
    const { run, close } = await trainingStep(wasm({ threads: 1 }), resnet20({ width }), [batch, 3, image, image], 10);
    const timing = await time(run);
    await close();
    noisy ||= isNoisy(timing);
    points.push({ x, y: timing.median });
    console.log(`${growth.of.padEnd(6)} ${String(x).padStart(4)} ${timing.median.toFixed(2).padStart(9)} ms${isNoisy(timing) ? " ~" : ""}`);
  }
  return { growth, points, noisy };
}

/** All sizes, and the larger half alone, where what every step costs no longer counts. */
const exponents = ({ points }: Grown): readonly [number, number] => [exponent(points), exponent(points.slice(points.length >> 1))];

function chartOf({ growth, points }: Grown): Chart {
  const [first] = points;
  const ideal = points.map(({ x }) => ({ x, y: first!.y * (x / first!.x) ** growth.power }));
  const ticks = growth.values.map((value) => ({ value, label: String(value) }));
  return {
    kind: "chart",
    title: growth.label,
    x: { label: growth.label, format: "count", scale: "log", ticks },
    y: { label: "Milliseconds of a training step", format: "milliseconds", scale: "log" },
    series: [
      { name: "measured", points },
      { name: `power ${growth.power} from the first`, look: 5, points: ideal },
    ],
  };
}

function page(grown: readonly Grown[]): string {
  const table: Table = {
    kind: "table",
    title: "Exponents",
    columns: [
      { name: "Growing" },
      { name: "Arithmetic", format: "number" },
      { name: "Time", format: "number" },
      { name: "Larger half", format: "number" },
    ],
    rows: grown.map((g) => [g.growth.label, g.growth.power, ...exponents(g)]),
    note: "Slopes of the times in double logarithms, by least squares.",
  };
  const header = html`<header><p class="kicker">Fovea</p><h1 class="question">How the time of a training step grows</h1>
<p class="answer-text">ResNet-20 for CIFAR, one thread.</p></header>`;
  const charts = html`${grown.map((g) => chartView(chartOf(g)))}`;
  const sections = [
    ["exponents", "Exponents", "Exponents", tableView(table)],
    ["times", "Times", "Times", charts],
  ] as const;
  return pageOf({ title: "Fovea: growth of a training step", style: EXPERIMENT_STYLE, header, sections });
}

const { values } = parseArgs({ options: { out: { type: "string", default: "growth.html" } } });
const grown: Grown[] = [];
for (const growth of GROWTHS) grown.push(await measure(growth));
console.log("\ngrowing  arithmetic  time  larger half");
for (const g of grown) {
  const [all, larger] = exponents(g);
  console.log(
    `${g.growth.of.padEnd(7)} ${g.growth.power.toFixed(2).padStart(11)} ${all.toFixed(2).padStart(5)} ${larger.toFixed(2).padStart(12)}${g.noisy ? " ~" : ""}`,
  );
}
await writeFileAtomic(values.out, page(grown));
console.log(`\n${values.out}`);
