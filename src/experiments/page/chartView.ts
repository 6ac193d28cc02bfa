import { lineChart, type Point, type Series } from "../../train/report/chart.ts";
import { type Html, html } from "../../train/report/html.ts";
import type { Chart, ChartSeries } from "../report/report.ts";
import { isSpread, middleOf } from "../report/spread.ts";
import { valueText, written } from "../report/words.ts";
import { axisOf } from "./axisOf.ts";
import { LINE_STYLES } from "./style.ts";

/** With more points marks would hide the line. */
const MARKED = 40;

/** A chart with its title and legend. */
export function chartView(chart: Chart): Html {
  const all = chart.series.flatMap((s) => s.points);
  const xs = [...new Set(all.map((p) => p.x))].sort((a, b) => a - b);
  const ys = all.flatMap(({ y }) => (isSpread(y) ? [y.least, y.most] : [y]));
  const x = axisOf(chart.x, xs);
  const y = axisOf(chart.y, ys);
  const usable = (value: number): number => (chart.y.scale === "log" && !(value > 0) ? Number.NaN : value);
  const series = chart.series.flatMap((s, i): Series[] => {
    const { name, mark } = lookOf(s, i);
    const marks = s.points.length > MARKED ? {} : { marks: mark };
    const middle: Series = { name, points: s.points.map((p): Point => ({ x: p.x, y: usable(middleOf(p.y)) })), ...marks };
    return [{ name: `whisker ${name}`, points: whiskers(s, usable) }, middle];
  });
  const strips = xs.length > MARKED ? [] : xs.map((at) => ({ x: at, text: stripText(chart, at) }));
  const spread = all.some(({ y: value }) => isSpread(value) && value.runs.length > 1);
  return html`<figure class="block">
<figcaption><h3>${chart.title}</h3>
<p class="axis-label">${chart.y.label}${chart.y.scale === "log" && ", logarithmic"}${spread && "; mean and range of the runs"}</p>
${chart.series.length > 1 && legend(chart.series)}</figcaption>
${lineChart({ description: description(chart), x, y, xLabel: chart.x.label, series, strips })}
${chart.note !== undefined && html`<p class="note">${chart.note}</p>`}</figure>`;
}

/** From the least to the most at each point; a gap keeps neighbours apart. */
function whiskers({ points }: ChartSeries, usable: (value: number) => number): Point[] {
  return points.flatMap(({ x, y }) =>
    isSpread(y) && y.most > y.least
      ? [
          { x, y: usable(y.least) },
          { x, y: usable(y.most) },
          { x, y: Number.NaN },
        ]
      : [],
  );
}

const legend = (series: readonly ChartSeries[]): Html => html`<ul class="legend">
${series.map((s, i) => {
  const { name, mark } = lookOf(s, i);
  const shown = s.points.length <= MARKED && html`<circle class="${mark} ${name}" cx="13" cy="5" r="3.5"/>`;
  return html`<li><svg class="key" viewBox="0 0 26 10" aria-hidden="true"><path class="line ${name}" d="M1 5H25"/>${shown}</svg>${s.name}</li>\n`;
})}</ul>`;

/** CSS class and mark of a series. */
function lookOf({ look }: ChartSeries, place: number): { readonly name: string; readonly mark: "disc" | "ring" } {
  const i = (look ?? place) % LINE_STYLES;
  return { name: `s${i}`, mark: i % 2 === 0 ? "disc" : "ring" };
}

function stripText({ x, y, series }: Chart, at: number): string {
  const place = x.ticks?.find((tick) => tick.value === at)?.label ?? written(at, x.format);
  const values = series.flatMap((s) => {
    const point = s.points.find((p) => p.x === at);
    return point === undefined ? [] : [`${s.name} ${valueText(point.y, y.format)}`];
  });
  return `${x.label} ${place}: ${values.join(", ")}`;
}

/** First and last value of each line, for readers who cannot see them. */
function description({ title, x, y, series }: Chart): string {
  const ends = series.flatMap((s) => {
    const [first, last] = [s.points[0], s.points.at(-1)];
    return first && last ? [`${s.name}: ${valueText(first.y, y.format)} to ${valueText(last.y, y.format)}`] : [];
  });
  return `${title} over ${x.label}. ${ends.join("; ")}.`;
}
