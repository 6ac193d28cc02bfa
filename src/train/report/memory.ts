import type { MemoryReport } from "../../backend/backend.ts";
import { count, size } from "./format.ts";
import { type Html, html } from "./html.ts";

type Kind = Exclude<keyof MemoryReport, "total">;

/** In the order of the bar. */
const KINDS: { readonly [K in Kind]: string } = {
  weights: "what training changes",
  activations: "values of the forward pass",
  gradients: "values of the backward pass",
  optimizer: "momentum and other state of the optimizer",
  scratch: "inputs, outputs, packed and padded copies",
};

/** How the memory of the training program is divided. */
export function memory(report: MemoryReport): Html {
  const total = Math.max(1, report.total);
  let at = 0;
  const parts = (Object.keys(KINDS) as Kind[]).map((kind) => {
    const share = (100 * report[kind]) / total;
    at += share;
    return { kind, share, from: at - share };
  });
  return html`<p>The program that trains takes ${size(report.total)} in one block, known to the byte before it runs.</p>
<svg class="memory" role="img" aria-label="Memory by kind; the table below has the numbers">${parts.map(
    (p) =>
      html`<rect class="${p.kind}" x="${p.from.toFixed(3)}%" width="${p.share.toFixed(3)}%" height="100%"><title>${p.kind}: ${count(report[p.kind])} bytes</title></rect>`,
  )}</svg>
<div class="scroll" tabindex="0" role="region" aria-label="Memory by kind">
<table class="numbers">
<thead><tr><th scope="col">Kind</th><th scope="col" class="text gloss">What it is</th><th scope="col">Bytes</th><th scope="col"></th><th scope="col">Share</th></tr></thead>
<tbody>
${parts.map(
  (
    p,
  ) => html`<tr><th scope="row"><svg class="swatch" aria-hidden="true"><rect class="${p.kind}" width="100%" height="100%"/></svg>${p.kind}</th>
<td class="text gloss">${KINDS[p.kind]}</td><td>${count(report[p.kind])}</td><td>${size(report[p.kind])}</td><td>${p.share.toFixed(1)}%</td></tr>
`,
)}</tbody>
<tfoot><tr><th scope="row">Total</th><td class="gloss"></td><td>${count(report.total)}</td><td>${size(report.total)}</td><td></td></tr></tfoot>
</table></div>`;
}
