import { type Html, html } from "../../train/report/html.ts";
import { bounds, photo, picture, signedPicture } from "../../train/report/picture.ts";
import type { Pictures } from "../report/report.ts";

/** Small pictures side by side, signed ones each on its own scale. */
export const picturesView = ({ title, items, note }: Pictures): Html => html`<div class="block"><h3>${title}</h3>
<ul class="plates">
${items.map((item) => {
  const [height = 1, width = 1] = item.shape.slice(-2);
  const signed = () => signedPicture({ width, height, values: item.data }, bounds(item.data).scale);
  return html`<li>${picture(item.kind === "photo" ? photo(item) : signed(), "", item.kind === "photo" ? "plate-photo" : "map")}${item.caption}</li>\n`;
})}</ul>
${note !== undefined && html`<p class="note">${note}</p>`}</div>`;
