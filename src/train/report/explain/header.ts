import { bar } from "../bar.ts";
import { counted, extents, probability, significant } from "../format.ts";
import { type Html, html } from "../html.ts";
import { photo, picture } from "../picture.ts";
import type { Explanation } from "./data.ts";

/** Classes named with the answer. */
const SHOWN = 10;

/** The image and the network's answer. */
export function header(data: Explanation): Html {
  const { classes, target, trueClass, probabilities } = data;
  const answer = likeliest(data)[0] ?? target;
  const verdict = trueClass === undefined ? "" : trueClass === answer ? ", which is right" : `, but it is ${classes[trueClass]}`;
  return html`<header>
<p class="kicker">Explanation</p>
<h1>${data.title}</h1>
<p class="run">${data.imageName}, weights of <code>${data.weights}</code></p>
<div class="seen">
${picture(photo(data.image), "The image", "photo")}
<div>
<p class="verdict">The answer is <b>${classes[answer]}</b> with ${probability(probabilities[answer] ?? 0)}${verdict}.</p>
${bars(data)}
<p class="note">${extents(data.image.shape)} pixels, ${counted(classes.length, "class", "classes")}. This page explains ${
    target === answer ? "the answer" : html`class <b>${classes[target]}</b>`
  }, whose score before the softmax is ${significant(data.score)}.</p>
</div></div>
</header>`;
}

/** Classes by their probability, the largest first. */
const likeliest = ({ classes, probabilities }: Explanation): number[] =>
  classes.map((_, k) => k).sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));

function bars(data: Explanation): Html {
  const { classes, probabilities, trueClass, target } = data;
  const shown = classes.length <= SHOWN ? classes.map((_, k) => k) : likeliest(data).slice(0, SHOWN);
  const right = trueClass ?? target;
  return html`<dl class="answer">${shown.map((k) => {
    const p = probabilities[k] ?? 0;
    return html`<div><dt>${k === right ? html`<b>${classes[k]}</b>` : classes[k]}</dt>
<dd>${bar(k === right ? "right" : "wrong", p)}<span>${probability(p)}</span></dd></div>
`;
  })}</dl>`;
}
