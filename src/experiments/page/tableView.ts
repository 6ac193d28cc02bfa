import { type Html, html } from "../../train/report/html.ts";
import type { Table } from "../report/report.ts";
import { middleOf } from "../report/spread.ts";
import { valueText } from "../report/words.ts";

/** Text longer than this may take several lines. */
const LONG = 34;

/** A table with its title. Columns with `bar` show their numbers as lengths too. */
export function tableView({ title, columns, rows, note }: Table): Html {
  const most = columns.map((_, i) => Math.max(1e-300, ...rows.map((row) => size(row[i]))));
  return html`<div class="block"><h3>${title}</h3>
<div class="scroll" tabindex="0" role="region" aria-label="${title}">
<table class="numbers">
<thead><tr>${columns.map((c) => html`<th scope="col"${c.format === undefined && html` class="text"`}${c.bar && html` colspan="2"`}>${c.name}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((cell, i) => cellView(cell, columns[i]!, i, most[i]!))}</tr>\n`)}</tbody></table></div>
${note !== undefined && html`<p class="note">${note}</p>`}</div>`;
}

type Cell = Table["rows"][number][number];

function cellView(cell: Cell, column: Table["columns"][number], index: number, most: number): Html {
  const text = cell === undefined ? "–" : typeof cell === "string" ? cell : valueText(cell, column.format ?? "number");
  if (index === 0) return html`<th scope="row">${text}</th>`;
  const kind = column.format === undefined ? (text.length > LONG ? "text long" : "text") : "";
  const width = ((100 * size(cell)) / most).toFixed(1);
  const gauge = html`<td class="gauge"><svg class="bar" aria-hidden="true"><rect class="work" width="${width}%" height="100%"/></svg></td>`;
  return html`<td${kind !== "" && html` class="${kind}"`}>${text}</td>${column.bar && gauge}`;
}

/** Of the bar. */
function size(cell: Cell): number {
  const value = cell === undefined || typeof cell === "string" ? 0 : middleOf(cell);
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}
