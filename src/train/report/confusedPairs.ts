import { type Html, html } from "./html.ts";
import type { Tally } from "./tally.ts";

const LISTED = 8;

/** The pairs of classes confused most often, in words. */
export const confusedPairs = (classes: readonly string[], { confusions }: Tally): Html => html`<h3>Most often confused</h3>
<table class="numbers"><thead><tr><th scope="col">True class</th><th scope="col" class="text">Taken for</th><th scope="col">Images</th></tr></thead>
<tbody>
${confusions.slice(0, LISTED).map(
  (c) => html`<tr><th scope="row">${classes[c.trueClass]}</th><td class="text">${classes[c.predictedClass]}</td><td>${c.images}</td></tr>
`,
)}</tbody></table>`;
