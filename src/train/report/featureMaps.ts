import { bar } from "./bar.ts";
import type { Example, FeatureMaps, ReportData } from "./data.ts";
import { count, extents, probability, significant } from "./format.ts";
import { type Html, html } from "./html.ts";
import { bounds, type Plane, photo, picture, planeOf, shrunk, signedPicture, threeAxes } from "./picture.ts";
import { signedKey } from "./signedKey.ts";

const SHOWN_MAPS = 16;
/** Classes named with the answer. */
const SHOWN_CLASSES = 10;
/** Pixels that all maps together may take, at about 1.4 bytes of page each. */
const PIXEL_BUDGET = 200_000;
/** Sides that large maps are shrunk to: the first within the budget. */
const SIDES = [64, 48, 32, 24, 16];
/** Numbers in one row of the strip that shows a vector. */
const STRIP = 256;

/** What each layer makes of one image, from the pixels to the answer. */
export function featureMaps(example: Example, { classes }: ReportData): Html {
  const side = SIDES.find((s) => pixelsAt(example.maps, s) <= PIXEL_BUDGET) ?? SIDES.at(-1)!;
  return html`<p>Test image no. ${count(example.index)} on its way through the network${example.layers !== undefined && example.layers > example.maps.length && `: ${example.maps.length} of its ${count(example.layers)} layers`}. Each layer has its own scale; where a layer has more
channels than fit, the first ones are shown.</p>
${signedKey()}
<ol class="layers">
<li><div class="what"><b>input</b><span>${extents(example.image.shape)}</span></div>
<div class="maps">${picture(photo(example.image), `The image, of class ${classes[example.trueClass]}`, "photo")}</div></li>
${example.maps.map((layer) => row(layer, side))}<li><div class="what"><b>answer</b><span>truth: ${classes[example.trueClass]}</span></div>
${answer(example, classes)}</li>
</ol>`;
}

function row({ path, type, values }: FeatureMaps, side: number): Html {
  const [channels, height, width] = threeAxes(values);
  const { low, high, scale } = bounds(values.data);
  const spatial = height * width > 1 && values.shape.length > 1;
  const what = html`<div class="what"><b>${type}</b><code>${path}</code><span>${extents(values.shape)}, ${significant(low)} to ${significant(high)}</span></div>`;
  if (!spatial) return html`<li>${what}<div class="maps">${picture(signedPicture(strip(values.data), scale), "", "strip")}</div></li>\n`;
  const shown = Math.min(channels, SHOWN_MAPS);
  const maps = Array.from({ length: shown }, (_, c) =>
    picture(signedPicture(shrunk(planeOf(values, c, width, height), side), scale), "", "map"),
  );
  const more = channels > shown && html`<span class="more">and ${channels - shown} more</span>`;
  return html`<li>${what}<div class="maps${shown <= 8 && " few"}" role="img" aria-label="${shown} feature maps of ${path}">${maps}${more}</div></li>\n`;
}

function pixelsAt(layers: readonly FeatureMaps[], side: number): number {
  return layers.reduce((pixels, { values }) => {
    const [c, h, w] = threeAxes(values);
    return pixels + Math.min(c, SHOWN_MAPS) * Math.min(h, side) * Math.min(w, side);
  }, 0);
}

/** A vector as rows of numbers; what the last row lacks stays empty. */
function strip(values: ArrayLike<number>): Plane {
  const height = Math.ceil(values.length / STRIP);
  const width = Math.ceil(values.length / height);
  const padded = new Float32Array(width * height);
  padded.set(values);
  return { width, height, values: padded };
}

function answer({ probabilities, trueClass }: Example, classes: readonly string[]): Html {
  const order = classes.map((_, k) => k);
  const shown =
    classes.length <= SHOWN_CLASSES
      ? order
      : order.sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0)).slice(0, SHOWN_CLASSES);
  return html`<dl class="answer">${shown.map((k) => {
    const p = probabilities[k] ?? 0;
    return html`<div><dt>${k === trueClass ? html`<b>${classes[k]}</b>` : classes[k]}</dt>
<dd>${bar(k === trueClass ? "right" : "wrong", p)}<span>${probability(p)}</span></dd></div>
`;
  })}</dl>`;
}
