import type { FeatureMaps } from "../data.ts";
import { count, counted, extents, significant } from "../format.ts";
import { type Html, html } from "../html.ts";
import { bounds, type Plane, picture, planeOf, shrunk, signedPicture, threeAxes } from "../picture.ts";
import { signedKey } from "../signedKey.ts";
import type { Explanation } from "./data.ts";

/** Maps of a layer. */
const SHOWN = 32;
/** Pixels that all maps together may take, at about 1.4 bytes of page each. */
const PIXEL_BUDGET = 600_000;
/** Sides that large maps are shrunk to: the first within the budget. */
const SIDES = [96, 64, 48, 32, 24, 16];
/** Numbers in one row of the strip that shows a vector. */
const STRIP = 256;

/** What each watched layer gives for the image. */
export function maps({ maps, leftOut }: Explanation): Html {
  const side = SIDES.find((s) => pixelsAt(maps, s) <= PIXEL_BUDGET) ?? SIDES.at(-1)!;
  return html`<p>What layers give, in the order of their run. Each layer has its own scale${leftOut > 0 && `; ${counted(leftOut, "layer")} of the network between these are left out`}.</p>
${signedKey()}
<ol class="layers">
${maps.map((layer) => row(layer, side))}</ol>`;
}

function row({ path, type, values }: FeatureMaps, side: number): Html {
  const [channels, height, width] = threeAxes(values);
  const { low, high, scale } = bounds(values.data);
  const dead = quiet(values.data, channels, height * width);
  const spatial = height * width > 1 && values.shape.length > 1;
  const what = html`<div class="what"><b>${type}</b><code>${path === "" ? "network" : path}</code><span>${extents(values.shape)}, ${
    low > high ? "no number" : `${significant(low)} to ${significant(high)}`
  }${spatial && dead > 0 && `; ${count(dead)} of ${counted(channels, "map")} all zero`}</span></div>`;
  if (!spatial)
    return html`<li>${what}<div class="maps">${picture(signedPicture(strip(values.data), scale), `${path}: a row of numbers`, "strip")}</div></li>\n`;
  const shown = Math.min(channels, SHOWN);
  const pictures = Array.from({ length: shown }, (_, c) =>
    picture(signedPicture(shrunk(planeOf(values, c, width, height), side), scale), "", "map"),
  );
  const more = channels > shown && html`<span class="more">and ${count(channels - shown)} more</span>`;
  return html`<li>${what}<div class="maps${shown <= 8 && " few"}" role="img" aria-label="${shown} feature maps of ${path}">${pictures}${more}</div></li>\n`;
}

/** Channels that are zero everywhere. */
function quiet(values: ArrayLike<number>, channels: number, area: number): number {
  let found = 0;
  for (let c = 0; c < channels; c++) {
    let p = c * area;
    while (p < (c + 1) * area && values[p] === 0) p++;
    if (p === (c + 1) * area) found++;
  }
  return found;
}

function pixelsAt(layers: readonly FeatureMaps[], side: number): number {
  return layers.reduce((pixels, { values }) => {
    const [c, h, w] = threeAxes(values);
    return pixels + Math.min(c, SHOWN) * Math.min(h, side) * Math.min(w, side);
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
