import { confusion } from "./confusion.ts";
import { curves } from "./curves.ts";
import type { ReportData } from "./data.ts";
import { featureMaps } from "./featureMaps.ts";
import { filters } from "./filters.ts";
import { gallery } from "./gallery.ts";
import { header } from "./header.ts";
import { type Html, html } from "./html.ts";
import { layers } from "./layers.ts";
import { memory } from "./memory.ts";
import { reproduce } from "./reproduce.ts";
import { STYLE } from "./style.ts";
import { tally } from "./tally.ts";

/** Anchor, short name, heading, and what it shows; a section without that is left out. */
type Section = readonly [id: string, short: string, heading: string, body: Html | undefined];

/**
 * The report of one training run as a page of its own: one file without scripts, that asks nothing of any network.
 *
 * Its own content security policy forbids both, so that not even a fault in the escaping of names could change that.
 */
export function renderReport(data: ReportData): string {
  const sums = tally(data);
  const sections: readonly Section[] = [
    ["curves", "Curves", "Learning curves", curves(data)],
    ["confusion", "Confusion", "Confusion matrix", confusion(data, sums)],
    ["mistakes", "Mistakes", "Worst mistakes", gallery(data, sums.images - sums.right)],
    ["filters", "Filters", "First-layer filters", data.filters && filters(data.filters)],
    ["example", "One image", "One image, layer by layer", data.example && featureMaps(data.example, data)],
    ["layers", "Layers", "Layers", layers(data)],
    ["memory", "Memory", "Memory", memory(data.memory)],
    ["reproduce", "Reproduce", "How to reproduce", reproduce(data)],
  ];
  const present = sections.filter(([, , , body]) => body !== undefined);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${data.title}: training report</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${header(data, sums)}
<nav aria-label="Sections"><ul>${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${present.map(
  ([id, , name, body]) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${name}</h2>
${body}
</section>
`,
)}</main>
</body>
</html>
`.toString();
}
