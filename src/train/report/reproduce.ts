import type { ReportData } from "./data.ts";
import { moment } from "./format.ts";
import { type Html, html } from "./html.ts";

/** What to type, and how to know that the outcome is the same. */
export function reproduce(data: ReportData): Html {
  const facts: readonly (readonly [string, Html | string])[] = [
    ["Seed", String(data.seed)],
    ["Model", data.model],
    ["Data", data.dataset],
    ["Started", html`<time datetime="${data.date}">${moment(data.date)}</time>`],
    ["Threads", String(data.threads)],
    ...Object.entries(data.environment),
  ];
  // Lines break between words only: browsers would also break "--seed" after its hyphens.
  const words = data.command.split(/(\s+)/).map((word) => (word.trim() === "" ? word : html`<span>${word}</span>`));
  return html`<pre tabindex="0"><code>${words}</code></pre>
<p>SHA-256 of the weights: <code>${data.weightsSha256}</code></p>
${data.bitExact && html`<p>With the same seed and version this gives the same weights, bit for bit, on any machine and with any number of threads.</p>`}
<dl class="facts">
${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}
