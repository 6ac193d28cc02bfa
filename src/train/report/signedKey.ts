import { significant } from "./format.ts";
import { type Html, html } from "./html.ts";
import { SIDE } from "./palette.ts";
import { picture, signedPicture } from "./picture.ts";

const RAMP = signedPicture(
  { width: 2 * SIDE + 1, height: 1, values: Float32Array.from({ length: 2 * SIDE + 1 }, (_, i) => i - SIDE) },
  SIDE,
);

/** The colours of signed numbers, from -scale to scale. */
export const signedKey = (scale?: number): Html =>
  html`<p class="signed-key"><span>${scale === undefined ? "negative" : `−${significant(scale)}`}</span>${picture(
    RAMP,
    "Colours from orange by way of the page’s own colour to blue",
    "ramp-picture",
  )}<span>${scale === undefined ? "positive" : significant(scale)}</span></p>`;
