import { pageOf, type Section } from "../../train/report/document.ts";
import { duration, moment } from "../../train/report/format.ts";
import { type Html, html } from "../../train/report/html.ts";
import type { ExperimentRecord } from "../record.ts";
import type { Block, Chart, NetRow } from "../report/report.ts";
import { valueText } from "../report/words.ts";
import { chartView } from "./chartView.ts";
import { picturesView } from "./picturesView.ts";
import { EXPERIMENT_STYLE } from "./style.ts";
import { tableView } from "./tableView.ts";

/** An experiment as a page of its own. */
export function renderExperiment(record: ExperimentRecord): string {
  const { experiment, protocol, report, timed } = record;
  const sections: readonly Section[] = [
    ["why", "Why it matters", "Why it matters", html`<p>${experiment.why}</p>`],
    ["setup", "What was done", "What was done", setup(record)],
    ["results", "What was measured", "What was measured", html`${grouped(report.blocks)}`],
    ["times", "Times on this machine", "Times on this machine", timed && html`${grouped(timed.blocks)}${says(timed.says)}`],
    ["says", "What the numbers say", "What the numbers say", says(report.says)],
    ["again", "How to run it again", "How to run it again", again(record)],
  ];
  const header = html`<header>
<p class="kicker">Experiment: ${experiment.name}</p>
<h1 class="question">${experiment.question}</h1>
<p class="answer-text">${report.answer}</p>
<dl class="figures even">
${report.headlines.map((h) => html`<div><dt>${h.label}</dt><dd><b>${valueText(h.value, h.format)}</b><span>${h.more}</span></dd></div>\n`)}</dl>
${protocol.quick && html`<p class="warning">This was a quick run: so little data and training that its figures show nothing but that everything works.</p>`}
</header>`;
  return pageOf({ title: `${experiment.question} Experiment ${experiment.name}`, style: EXPERIMENT_STYLE, header, sections });
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
