import type { ReportData } from "./data.ts";
import { count, counted, extents, significant } from "./format.ts";
import { type Html, html } from "./html.ts";

/** The summary: shape, parameters and work of each layer. */
export function layers({ layers: rows, parameters }: ReportData): Html {
  const work = rows.reduce((sum, row) => sum + row.multiplyAdds, 0);
  const most = Math.max(1, ...rows.map((row) => row.multiplyAdds));
  const heaviest = rows.find((row) => row.multiplyAdds === most);
  return html`<p>${counted(parameters, "parameter")}; ${large(work)} multiply-adds for one image${
    heaviest && html`, ${((100 * most) / work).toFixed(0)}% of them in layer <code>${heaviest.path}</code>`
  }.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Layers">
<table class="numbers">
<thead><tr><th scope="col">Layer</th><th scope="col" class="text">Type</th><th scope="col" class="text">Output</th><th scope="col">Parameters</th>
<th scope="col" colspan="2">Multiply-adds</th></tr></thead>
<tbody>
${rows.map(
  (
    row,
  ) => html`<tr><th scope="row">${row.path === "" ? "network" : html`<code>${row.path}</code>`}</th><td class="text">${row.type}</td><td class="text">${extents(row.outputShape)}</td>
<td>${dash(row.parameters)}</td><td>${dash(row.multiplyAdds)}</td><td class="gauge">${
    row.multiplyAdds > 0 &&
    html`<svg class="bar" aria-hidden="true"><rect class="work" width="${((100 * row.multiplyAdds) / most).toFixed(1)}%" height="100%"/></svg>`
  }</td></tr>
`,
)}</tbody>
<tfoot><tr><th scope="row" colspan="3">Sum</th><td>${count(rows.reduce((sum, row) => sum + row.parameters, 0))}</td><td>${count(work)}</td><td></td></tr></tfoot>
</table></div>`;
}

const dash = (n: number): string => (n === 0 ? "–" : count(n));

/** `416,520`, `12.3 million`, `1.82 billion` */
function large(n: number): string {
  if (n < 1e6) return count(n);
  return n < 1e9 ? `${significant(n / 1e6)} million` : `${significant(n / 1e9)} billion`;
}
