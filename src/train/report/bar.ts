import { type Html, html } from "./html.ts";

/** A share of 1 as a length, on a track that shows the whole. `kind` is the CSS class of its colour. */
export const bar = (kind: string, share: number): Html =>
  html`<svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%"/><rect class="${kind}" width="${(100 * share).toFixed(1)}%" height="100%"/></svg>`;
