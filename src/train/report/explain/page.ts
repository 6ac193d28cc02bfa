import { pageOf, type Section } from "../document.ts";
import { filters } from "../filters.ts";
import { type Html, html } from "../html.ts";
import { checks } from "./checks.ts";
import type { Explanation } from "./data.ts";
import { header } from "./header.ts";
import { maps } from "./maps.ts";
import { pixels } from "./pixels.ts";
import { EXPLAIN_STYLE } from "./style.ts";
import { wanted } from "./wanted.ts";

/** What a network sees in an image, as a page of its own. */
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
  return pageOf({ title: `${data.title}: ${data.imageName}`, style: EXPLAIN_STYLE, header: header(data), sections });
}

const banks = ({ filters: all }: Explanation): Html => html`${all.map((bank) => html`<div class="bank">${filters(bank)}</div>`)}`;

const reproduce = ({ command }: Explanation): Html =>
  html`<pre tabindex="0"><code>${command.split(/(\s+)/).map((word) => (word.trim() === "" ? word : html`<span>${word}</span>`))}</code></pre>`;
