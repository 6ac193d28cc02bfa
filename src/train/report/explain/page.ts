import { filters } from "../filters.ts";
import { type Html, html } from "../html.ts";
import { STYLE } from "../style.ts";
import { checks } from "./checks.ts";
import type { Explanation } from "./data.ts";
import { header } from "./header.ts";
import { maps } from "./maps.ts";
import { pixels } from "./pixels.ts";
import { EXPLAIN_STYLE } from "./style.ts";
import { wanted } from "./wanted.ts";

/** Anchor, short name, heading, and what it shows; a section without that is left out. */
type Section = readonly [id: string, short: string, heading: string, body: Html | undefined];

/**
 * What a network sees in an image, as a page of its own: one file without scripts, that asks nothing of any network, as the report of a
 * training is.
 */
export function renderExplanation(data: Explanation): string {
  const some = (things: readonly unknown[], body: (data: Explanation) => Html): Html | undefined =>
    things.length > 0 ? body(data) : undefined;
  const sections: readonly Section[] = [
    ["pixels", "Pixels", "Which pixels speak for it", some([...data.pixels, ...data.omitted], pixels)],
    ["maps", "Feature maps", "Layer by layer", some(data.maps, maps)],
    ["filters", "Filters", "Filters", some(data.filters, banks)],
    ["wanted", "What channels look for", "What channels look for", some(data.wanted, wanted)],
    ["check", "Sanity check", "Does it depend on what was learnt?", checks(data)],
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
<title>${data.title}: ${data.imageName}</title>
<style>${STYLE}${EXPLAIN_STYLE}</style>
</head>
<body>
<main>
${header(data)}
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

const banks = ({ filters: all }: Explanation): Html => html`${all.map((bank) => html`<div class="bank">${filters(bank)}</div>`)}`;

const reproduce = ({ command }: Explanation): Html =>
  html`<pre tabindex="0"><code>${command.split(/(\s+)/).map((word) => (word.trim() === "" ? word : html`<span>${word}</span>`))}</code></pre>`;
