import { bar } from "./bar.ts";
import type { Mistake, ReportData } from "./data.ts";
import { count, counted, probability } from "./format.ts";
import { type Html, html } from "./html.ts";
import { photo, picture } from "./picture.ts";

/** More are rarely looked at, and each weighs as much as its image. */
const SHOWN = 24;

/** The most surprising mistakes: those whose true class got the least probability. */
export function gallery({ mistakes, classes }: ReportData, wrong: number): Html {
  if (mistakes.length === 0) return html`<p>${wrong === 0 ? "There were none." : "None were kept."}</p>`;
  const chance = (m: Mistake) => m.probabilities[m.trueClass] ?? 0;
  const shown = [...mistakes].sort((a, b) => chance(a) - chance(b)).slice(0, SHOWN);
  const which =
    shown.length < wrong ? `The ${count(shown.length)} of ${count(wrong)} mistakes` : `All ${counted(wrong, "mistake")}, first those`;
  return html`<p>${which} in which the true class was thought least likely.</p>
<ul class="gallery">
${shown.map((m) => mistake(m, classes))}</ul>`;
}

function mistake(m: Mistake, classes: readonly string[]): Html {
  const [given, truth] = [classes[m.predictedClass], classes[m.trueClass]];
  return html`<li><figure>${picture(photo(m.image), `Test image ${m.index}: ${truth}, taken for ${given}`, "photo")}
<figcaption><dl>
${answer("wrong", "taken for", given, m.probabilities[m.predictedClass])}
${answer("right", "truth", truth, m.probabilities[m.trueClass])}
</dl><p class="note">no. ${count(m.index)}</p></figcaption></figure></li>
`;
}

const answer = (kind: string, label: string, name: string | undefined, p = 0): Html => html`<div class="${kind}"><dt>${label}</dt>
<dd><b>${name}</b> <span>${probability(p)}</span>${bar(kind, p)}</dd></div>`;
