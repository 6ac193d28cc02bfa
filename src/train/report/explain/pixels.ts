import type { PngImage } from "../../../interop/png.ts";
import { significant } from "../format.ts";
import { type Html, html } from "../html.ts";
import { bounds, type Plane, photo, picture, planeOf, shrunk, signedPicture } from "../picture.ts";
import { signedKey } from "../signedKey.ts";
import type { Explanation, PixelMap } from "./data.ts";
import { heatKey } from "./heatKey.ts";
import { heatPicture } from "./heatPicture.ts";

/** Large maps are shrunk to this side, as photographs are. */
const SIDE = 96;

/** Which pixels speak for the class, by each method: its numbers by themselves, and over the image. */
export function pixels({ pixels, omitted, image, classes, target }: Explanation): Html {
  const base = photo(image);
  return html`<p>Each method answers in its own way which pixels speak for class ${classes[target]}: on the left its numbers by themselves, on the
right those above zero laid over the image. Every map has its own scale.</p>
<div class="keys">${signedKey()}${heatKey()}</div>
<ul class="methods">
${pixels.map((map) => card(map, base))}</ul>
${omitted.map(({ method, why }) => html`<p class="note">${method} is left out. ${why}.</p>`)}`;
}

function card({ method, title, what, source, signed, map, note }: PixelMap, base: PngImage): Html {
  const [height = 1, width = 1] = map.shape;
  const plane: Plane = shrunk(planeOf(map, 0, width, height), SIDE);
  const { low, high, scale } = bounds(plane.values);
  const range = low > high ? "nothing to nothing" : `${significant(low)} to ${significant(high)}`;
  return html`<li id="${method}"><h3>${title}</h3>
<div class="views">${picture(signedPicture(plane, scale), `${title}: ${range}`, "map")}
<div class="over">${picture(base, "", "photo")}${picture(heatPicture(plane, scale), `${title} over the image`, "heat")}</div></div>
<p>${what}</p>
<p class="note">${source}. ${signed ? "Numbers" : "Sizes"} from ${range}. ${note ?? ""}</p></li>
`;
}
