/** A confusion matrix of many classes: a picture with one pixel per pair, and in words what is worth naming. */

import { confusedPairs } from "./confusedPairs.ts";
import type { ReportData } from "./data.ts";
import { counted, percent } from "./format.ts";
import { heatKey } from "./heatKey.ts";
import { type Html, html } from "./html.ts";
import { DIVERGING, LEVELS, levelOf, SIDE } from "./palette.ts";
import { picture } from "./picture.ts";
import type { Tally } from "./tally.ts";

const LISTED = 8;
/** A picture of more classes would weigh more than the rest of the page, and show nothing. */
const PICTURE_CLASSES = 400;

/** Picture, pairs most often confused, classes least often found. */
export function confusionPicture({ classes, confusion }: ReportData, sums: Tally): Html {
  const n = classes.length;
  const pixels = new Uint8Array(n * n).fill(SIDE);
  for (let t = 0; t < n; t++) {
    for (let p = 0; p < n; p++) {
      const images = confusion[t]?.[p] ?? 0;
      const level = t === p ? levelOf(images, sums.mostRight) : -levelOf(images, sums.mostWrong);
      pixels[t * n + p] = SIDE + Math.round((SIDE * level) / LEVELS);
    }
  }
  const alt = `Confusion matrix of ${n} classes; the most frequent confusions are listed beside it.`;
  return html`<div class="pair wide-left">
${
  n <= PICTURE_CLASSES &&
  html`<figure class="plate">${picture({ kind: "indexed", width: n, height: n, pixels, palette: DIVERGING }, alt, "matrix-picture")}
<figcaption>${heatKey(sums)}<p class="note">One point per pair of classes, in the order of the data set. Rows: the true class, from the top.
Columns: the network’s answer.</p></figcaption></figure>`
}
<div>${confusedPairs(classes, sums)}${hardest(classes, sums)}</div></div>`;
}

function hardest(classes: readonly string[], sums: Tally): Html {
  const listed = sums.classes
    .map((c, k) => ({ ...c, name: classes[k] }))
    .filter((c) => c.images > 0)
    .sort((a, b) => a.right / a.images - b.right / b.images)
    .slice(0, LISTED);
  return html`<h3>Least often found</h3>
<table class="numbers"><thead><tr><th scope="col">Class</th><th scope="col">Found</th><th scope="col">Of</th></tr></thead><tbody>
${listed.map(
  (c) => html`<tr><th scope="row">${c.name}</th><td>${percent(c.right / c.images, c.images)}</td><td>${counted(c.images, "image")}</td></tr>
`,
)}</tbody></table>`;
}
