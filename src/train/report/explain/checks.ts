import { bar } from "../bar.ts";
import { type Html, html } from "../html.ts";
import type { Explanation } from "./data.ts";

/** How much is left of each explanation when the layers lose what they have learnt. */
export function checks({ checks }: Explanation): Html | undefined {
  const [first] = checks;
  if (!first) return undefined;
  return html`<p>Layer after layer, from the last one on, gets new random weights and keeps them. An explanation of what the network has learnt must
change with that; one that stays shows the image, whatever the network is. The numbers are rank correlations between the sizes of the first
map and of the new one: 1 is the same order of pixels, 0 nothing in common, below 0
the opposite.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Sanity check">
<table class="numbers checks">
<thead><tr><th scope="col">Random from here on</th>${checks.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${first.layers.map(
  (
    { path },
    i,
  ) => html`<tr><th scope="row"><code>${path === "" ? "network" : path}</code></th>${checks.map(({ layers }) => cell(layers[i]!.ofSizes))}</tr>
`,
)}</tbody></table></div>
<p class="note">Adebayo et al., “Sanity checks for saliency maps”, 2018. A dash: the map has become the same everywhere.</p>`;
}

const cell = (value: number): Html =>
  Number.isFinite(value)
    ? html`<td>${value.toFixed(2).replace("-", "−")}${bar(value < 0 ? "wrong" : "work", Math.min(1, Math.abs(value)))}</td>`
    : html`<td>–</td>`;
