import { count } from "./format.ts";
import { type Html, html } from "./html.ts";
import { LEVELS } from "./palette.ts";
import type { Tally } from "./tally.ts";

/** Both colour ramps of a confusion matrix with their ends. */
export function heatKey({ mostRight, mostWrong, confusions }: Tally): Html {
  const ramp = (letter: string) =>
    html`<span class="ramp" aria-hidden="true">${Array.from({ length: LEVELS }, (_, i) => html`<i class="${letter}${i + 1}"></i>`)}</span>`;
  return html`<ul class="legend"><li>right: 1 ${ramp("r")} ${count(mostRight)}</li>
${confusions.length > 0 && html`<li>wrong: 1 ${ramp("w")} ${count(mostWrong)}</li>`}<li>square-root scales</li></ul>`;
}
