import type { Numbers } from "../data.ts";
import { count, counted, significant } from "../format.ts";
import { type Html, html } from "../html.ts";
import { photo, picture } from "../picture.ts";
import type { Explanation, WantedImages } from "./data.ts";

/** Images that channels answer to most, layer by layer. */
export const wanted = ({ wanted }: Explanation): Html => html`<p>Images made from noise, step by step uphill, so that one channel answers
more and more (activation maximisation), in the middle of its map where it has one. Below each: what it gave at the start and in the end.</p>
<ol class="layers">
${wanted.map(row)}</ol>`;

function row({ path, type, images, channels, of }: WantedImages): Html {
  const [first] = channels;
  const steps = (first?.activations.length ?? 1) - 1;
  const what = html`<div class="what"><b>${type}</b>${path !== "" && html`<code>${path}</code>`}<span>${
    channels.length < of
      ? `${count(channels.length)} of ${count(of)} channels`
      : counted(of, path === "" ? "class" : "channel", path === "" ? "classes" : "channels")
  }, ${counted(steps, "step")}</span></div>`;
  return html`<li>${what}<ul class="wanted">${channels.map((c, i) => {
    const [from, to] = [c.activations[0]!, c.activations.at(-1)!];
    const silent = c.activations.every((v) => v === 0);
    return html`<li>${picture(photo(imageAt(images, i)), `What channel ${c.name} answers to`, "photo")}<span><b>${c.name}</b> ${
      silent ? "silent" : html`${significant(from, 2)} → ${significant(to, 2)}`
    }</span></li>
`;
  })}</ul></li>
`;
}

function imageAt({ shape, data }: Numbers, index: number): Numbers {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return { shape: shape.slice(1), data: Array.from({ length: size }, (_, i) => data[index * size + i]!) };
}
