import { confusedPairs } from "./confusedPairs.ts";
import { confusionPicture } from "./confusionPicture.ts";
import type { ReportData } from "./data.ts";
import { count, counted } from "./format.ts";
import { heatKey } from "./heatKey.ts";
import { type Html, html } from "./html.ts";
import { levelOf } from "./palette.ts";
import type { Tally } from "./tally.ts";

/** With more classes numbers no longer fit, and a picture with lists takes their place. */
const TABLE_CLASSES = 20;
/** Longer class names stand upright in the head of the table. */
const SHORT_NAME = 2;

/** Which class was taken for which. */
export function confusion(data: ReportData, sums: Tally): Html {
  if (sums.images === 0) return html`<p>No test image was classified.</p>`;
  return html`<p>${summary(data.classes, sums)}</p>
${data.classes.length > TABLE_CLASSES ? confusionPicture(data, sums) : matrix(data, sums)}`;
}

function summary(classes: readonly string[], { images, right, confusions }: Tally): string {
  const wrong = images - right;
  if (wrong === 0) return `All ${count(images)} test images were given their own class.`;
  const [first] = confusions;
  const often = `The most frequent: “${classes[first!.trueClass]}” taken for “${classes[first!.predictedClass]}”, ${counted(first!.images, "time")}.`;
  return `${count(wrong)} of ${counted(images, "test image")} ${wrong === 1 ? "was" : "were"} given another class. ${often}`;
}

function matrix({ classes, confusion: counts }: ReportData, sums: Tally): Html {
  const upright = classes.some((name) => name.length > SHORT_NAME);
  return html`<div class="pair wide-left"><figure>
<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">
<table class="matrix${upright && " upright"}">
<caption>Rows: true class. Columns: the network’s answer.</caption>
<thead><tr><td></td>${classes.map((name) => html`<th scope="col" title="${name}"><span>${name}</span></th>`)}<th scope="col" class="sum"><span>found</span></th></tr></thead>
<tbody>
${classes.map(
  (
    name,
    t,
  ) => html`<tr><th scope="row" title="${name}"><span>${name}</span></th>${classes.map((_, p) => cell(classes, t, p, counts[t]?.[p] ?? 0, sums))}
<td class="sum">${share(sums.classes[t]?.right ?? 0, sums.classes[t]?.images ?? 0)}</td></tr>
`,
)}</tbody>
<tfoot><tr><th scope="row">correct</th>${classes.map((_, k) => html`<td class="sum">${share(sums.classes[k]?.right ?? 0, sums.classes[k]?.answers ?? 0)}</td>`)}<td></td></tr></tfoot>
</table></div>
<figcaption>${heatKey(sums)}
<p class="note">“Found”: the percentage of a class’s images that were recognised (recall). “Correct”: of the answers with this
class, the percentage that were right (precision).</p></figcaption>
</figure>
${sums.confusions.length > 0 && html`<div>${confusedPairs(classes, sums)}</div>`}</div>`;
}

function cell(classes: readonly string[], t: number, p: number, n: number, sums: Tally): Html {
  if (n === 0) return html`<td${t === p && html` class="miss"`}>${t === p ? "0" : html`<i aria-label="0">·</i>`}</td>`;
  const step = t === p ? `r${levelOf(n, sums.mostRight)}` : `w${levelOf(n, sums.mostWrong)}`;
  const title = t === p ? `${classes[t]}: ${count(n)} right` : `${classes[t]} taken for ${classes[p]}: ${counted(n, "time")}`;
  return html`<td class="${step}" title="${title}">${n}</td>`;
}

/** Whole percent: a class rarely has images enough for more. Only all of them are 100. */
function share(part: number, whole: number): string {
  if (whole === 0) return "–";
  return part === whole ? "100" : String(Math.min(99, Math.round((100 * part) / whole)));
}
