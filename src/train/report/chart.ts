/** A line chart as SVG. Colours and line styles come from the page's style, by the series' name. */
import type { Axis } from "./axis.ts";
import { type Html, html } from "./html.ts";

export interface Series {
  /** CSS class: `train`, `test`, `steps`. */
  readonly name: string;
  readonly points: readonly Point[];
  /** Marks each point. */
  readonly marks?: "disc" | "ring";
}

export interface Point {
  readonly x: number;
  /** A value that is not finite breaks the line. */
  readonly y: number;
}

/** A strip of the chart that shows a guide line and its text under the pointer. */
export interface Strip {
  readonly x: number;
  readonly text: string;
}

export interface Chart {
  /** What a reader who cannot see it should know. */
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly xLabel: string;
  /** Those drawn later lie above. */
  readonly series: readonly Series[];
  readonly strips: readonly Strip[];
}

const FRAME = { width: 520, height: 300, left: 54, right: 12, top: 12, bottom: 42 } as const;
const WIDTH = FRAME.width - FRAME.left - FRAME.right;
const HEIGHT = FRAME.height - FRAME.top - FRAME.bottom;
const FOOT = FRAME.top + HEIGHT;

/** The chart, as wide as its place allows. */
export function lineChart(chart: Chart): Html {
  const px = (x: number) => tenth(FRAME.left + WIDTH * chart.x.at(x));
  const py = (y: number) => tenth(FOOT - HEIGHT * chart.y.at(y));
  return html`<svg class="chart" viewBox="0 0 ${FRAME.width} ${FRAME.height}" role="img" aria-label="${chart.description}">
${chart.y.ticks.map(
  (t) => html`<line class="grid" x1="${FRAME.left}" x2="${FRAME.left + WIDTH}" y1="${py(t.value)}" y2="${py(t.value)}"/>
<text x="${FRAME.left - 8}" y="${py(t.value)}" dy=".35em" text-anchor="end">${t.label}</text>
`,
)}<line class="axis" x1="${FRAME.left}" x2="${FRAME.left + WIDTH}" y1="${FOOT}" y2="${FOOT}"/>
${chart.x.ticks.map(
  (t) => html`<line class="axis" x1="${px(t.value)}" x2="${px(t.value)}" y1="${FOOT}" y2="${FOOT + 4}"/>
<text x="${px(t.value)}" y="${FOOT + 18}" text-anchor="middle">${t.label}</text>
`,
)}<text class="label" x="${FRAME.left + WIDTH / 2}" y="${FRAME.height - 5}" text-anchor="middle">${chart.xLabel}</text>
${chart.series.map((s) => lines(s, px, py))}${strips(chart, px)}</svg>`;
}

function lines(series: Series, px: (x: number) => number, py: (y: number) => number): Html {
  const shown = series.points.filter((point) => Number.isFinite(point.y));
  let path = "";
  let broken = true;
  for (const { x, y } of series.points) {
    const finite = Number.isFinite(y);
    if (finite) path += `${broken ? "M" : "L"}${px(x)} ${py(y)}`;
    broken = !finite;
  }
  return html`<path class="line ${series.name}" d="${path}"/>
${series.marks && shown.map(({ x, y }) => html`<circle class="${series.marks} ${series.name}" cx="${px(x)}" cy="${py(y)}" r="3.5"/>\n`)}`;
}

/** Each strip reaches half-way to its neighbours. */
function strips(chart: Chart, px: (x: number) => number): Html {
  const middle = (i: number) => tenth((px(chart.strips[i]!.x) + px(chart.strips[i + 1]!.x)) / 2);
  const last = chart.strips.length - 1;
  return html`${chart.strips.map((strip, i) => {
    const from = i === 0 ? FRAME.left : middle(i - 1);
    const to = i === last ? FRAME.left + WIDTH : middle(i);
    return html`<g class="strip"><title>${strip.text}</title>
<rect x="${from}" y="${FRAME.top}" width="${tenth(to - from)}" height="${HEIGHT}"/>
<line x1="${px(strip.x)}" x2="${px(strip.x)}" y1="${FRAME.top}" y2="${FOOT}"/></g>
`;
  })}`;
}

/** A tenth of a unit is finer than a screen's pixel. */
const tenth = (x: number): number => Math.round(x * 10) / 10;
