import { type Html, html } from "../html.ts";
import { picture } from "../picture.ts";
import { HEAT, heatPicture } from "./heatPicture.ts";

const RAMP = heatPicture({ width: HEAT.length, height: 1, values: Float32Array.from(HEAT, (_, i) => i) }, HEAT.length - 1);

/** The colours of numbers above zero where they lie over an image. */
export const heatKey = (): Html =>
  html`<p class="signed-key"><span>over the image: little</span>${picture(RAMP, "Colours from nothing by way of plum and orange to yellow", "ramp-picture")}<span>much</span></p>`;
