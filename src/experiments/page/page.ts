import { duration, moment } from "../../train/report/format.ts";
import { type Html, html } from "../../train/report/html.ts";
import { STYLE } from "../../train/report/style.ts";
import type { ExperimentRecord } from "../record.ts";
import type { Block, Chart, NetRow } from "../report/report.ts";
import { valueText } from "../report/words.ts";
import { chartView } from "./chartView.ts";
import { picturesView } from "./picturesView.ts";
import { EXPERIMENT_STYLE } from "./style.ts";
import { tableView } from "./tableView.ts";

/** Anchor, name, and what it shows; a section without that is left out. */
type Section = readonly [id: string, name: string, body: Html | false];

/**
 * An experiment as a page of its own: one file without scripts, that asks nothing of any network. Its content security policy forbids both.
 */
export function renderExperiment(record: ExperimentRecord): string {
  const { experiment, protocol, report, timed } = record;
  const sections: readonly Section[] = [
    ["why", "Why it matters", html`<p>${experiment.why}</p>`],
    ["setup", "What was done", setup(record)],
    ["results", "What was measured", html`${grouped(report.blocks)}`],
    ["times", "Times on this machine", timed !== undefined && html`${grouped(timed.blocks)}${says(timed.says)}`],
    ["says", "What the numbers say", says(report.says)],
    ["again", "How to run it again", again(record)],
  ];
  const present = sections.filter(([, , body]) => body !== false);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${experiment.question} Experiment ${experiment.name}</title>
<style>${STYLE}${EXPERIMENT_STYLE}</style>
</head>
<body>
<main>
<header>
<p class="kicker">Experiment: ${experiment.name}</p>
<h1 class="question">${experiment.question}</h1>
<p class="answer-text">${report.answer}</p>
<dl class="figures even">
${report.headlines.map((h) => html`<div><dt>${h.label}</dt><dd><b>${valueText(h.value, h.format)}</b><span>${h.more}</span></dd></div>\n`)}</dl>
${protocol.quick && html`<p class="warning">This was a quick run: so little data and training that its figures show nothing but that everything works.</p>`}
</header>
<nav aria-label="Sections"><ul>${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${present.map(
  ([id, name, body]) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${name}</h2>
${body}
</section>
`,
)}</main>
</body>
</html>
`.toString();
}

const says = (sentences: readonly string[]): Html => html`<ul class="says">
${sentences.map((text) => html`<li>${text}</li>\n`)}</ul>`;

/** Two charts in a row share a line. */
function grouped(blocks: readonly Block[]): readonly Html[] {
  const views: Html[] = [];
  for (let i = 0; i < blocks.length; i++) {
    const [block, next] = [blocks[i]!, blocks[i + 1]];
    if (block.kind === "chart" && next?.kind === "chart") {
      views.push(html`<div class="pair block">${[block, next].map((chart: Chart) => chartView(chart))}</div>\n`);
      i++;
    } else if (block.kind === "chart") views.push(chartView(block));
    else views.push(block.kind === "table" ? tableView(block) : picturesView(block));
  }
  return views;
}

const facts = (pairs: readonly (readonly [string, string])[]): Html => html`<dl class="facts">
${pairs.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>\n`)}</dl>`;

const setup = ({ report }: ExperimentRecord): Html => html`${facts(report.setup)}
${report.nets.length > 0 && netTable(report.nets)}`;

const netTable = (nets: readonly NetRow[]): Html =>
  tableView({
    kind: "table",
    title: "Networks",
    columns: [
      { name: "Name" },
      { name: "Layers" },
      { name: "Parameters", format: "count", bar: true },
      { name: "Multiply-adds", format: "count", bar: true },
    ],
    rows: nets.map((net) => [net.name, net.layers, net.parameters, net.multiplyAdds]),
    note: "Multiply-adds for one image, forward.",
  });

function again({ protocol, circumstances }: ExperimentRecord): Html {
  const { started, seconds, threads, environment } = circumstances;
  const words = protocol.command.split(/(\s+)/).map((word) => (word.trim() === "" ? word : html`<span>${word}</span>`));
  return html`<pre tabindex="0"><code>${words}</code></pre>
<p>With seed ${protocol.seed}, the same data and the same version, every number on this page but times comes out the same, bit for bit, on
any machine and with any number of threads. A difference is claimed only where the 95% confidence interval of its mean over the seeds
(paired t) does not hold zero; of many comparisons, one in twenty would pass by chance.</p>
${facts([
  ["Seed", `${protocol.seed}`],
  ...(protocol.data === undefined ? [] : [["Data", protocol.data] as const]),
  ["Started", moment(started)],
  ["Time", duration(seconds)],
  ["Threads", threads === undefined ? "all cores" : `${threads}`],
  ...Object.entries(environment),
])}`;
}
