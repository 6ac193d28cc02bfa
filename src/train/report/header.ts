import type { ReportData } from "./data.ts";
import { count, counted, duration, moment, percent, size } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { Tally } from "./tally.ts";

/** The result, in large type. */
export function header(data: ReportData, sums: Tally): Html {
  const what = `${data.model} on ${data.dataset}`;
  const figures: readonly (readonly [string, string, string])[] = [
    [
      "Test accuracy",
      sums.images === 0 ? "–" : percent(sums.right / sums.images, sums.images),
      `${count(sums.right)} of ${counted(sums.images, "image")} right`,
    ],
    ["Time", duration(data.wallSeconds), `${counted(data.epochs.length, "epoch")}, ${counted(data.threads, "thread")}`],
    ["Speed", data.epochs.length === 0 ? "–" : `${count(imagesPerSecond(data))}/s`, "training images"],
    ["Size", count(data.parameters), `parameters; ${size(data.memory.total)} to train`],
  ];
  return html`<header>
<p class="kicker">Training report</p>
<h1>${data.title}</h1>
<p class="run">${data.title === what ? "Seed" : `${what}, seed`} ${data.seed}, <time datetime="${data.date}">${moment(data.date)}</time></p>
<dl class="figures">
${figures.map(([name, value, more]) => html`<div><dt>${name}</dt><dd><b>${value}</b><span>${more}</span></dd></div>\n`)}</dl>
</header>`;
}

/** Of all epochs together. */
export function imagesPerSecond({ epochs }: Pick<ReportData, "epochs">): number {
  const images = epochs.reduce((sum, e) => sum + e.imagesPerSecond * e.seconds, 0);
  return images / epochs.reduce((sum, e) => sum + e.seconds, 0);
}
