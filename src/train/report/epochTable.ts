import type { EpochMetrics } from "./data.ts";
import { count, duration, percent, short, significant } from "./format.ts";
import { type Html, html } from "./html.ts";

/** A longer table starts folded. */
const SHOWN_EPOCHS = 12;

/** Every number of every epoch. */
export function epochTable(epochs: readonly EpochMetrics[]): Html {
  const table = html`<div class="scroll" tabindex="0" role="region" aria-label="Numbers of each epoch">
<table class="numbers">
<thead><tr><th scope="col">Epoch</th><th scope="col">Training loss</th><th scope="col">Test loss</th><th scope="col">Training accuracy</th>
<th scope="col">Test accuracy</th><th scope="col">Learning rate</th><th scope="col">Time</th><th scope="col">Images/s</th></tr></thead>
<tbody>
${epochs.map(
  (e, i) => html`<tr><th scope="row">${i + 1}</th><td>${significant(e.trainLoss)}</td><td>${significant(e.testLoss)}</td>
<td>${percent(e.trainAccuracy)}</td><td>${percent(e.testAccuracy)}</td><td>${short(e.lr)}</td><td>${duration(e.seconds)}</td>
<td>${count(e.imagesPerSecond)}</td></tr>
`,
)}</tbody></table></div>`;
  if (epochs.length <= SHOWN_EPOCHS) return table;
  return html`<details><summary>All numbers of ${count(epochs.length)} epochs</summary>${table}</details>`;
}
