import type { Filters } from "./data.ts";
import { count, counted, significant } from "./format.ts";
import { type Html, html } from "./html.ts";
import { bounds, picture, planeOf, signedColourPicture, signedPicture } from "./picture.ts";
import { signedKey } from "./signedKey.ts";

const SHOWN_FILTERS = 64;
/** So few are drawn larger. */
const FEW = 16;
/** Input channels shown of a filter that sees neither grey nor colour images. */
const SHOWN_CHANNELS = 4;

/** The first convolution's weights as small pictures, all on one scale. */
export function filters({ path, weight }: Filters): Html {
  const [out = 0, channels = 0, height = 0, width = 0] = weight.shape;
  const { scale } = bounds(weight.data);
  const colour = channels === 3;
  const planes = colour ? 1 : Math.min(channels, SHOWN_CHANNELS);
  const one = (o: number, c: number) => {
    if (colour) return signedColourPicture(weight.data, o * 3 * height * width, width, height, scale);
    return signedPicture(planeOf(weight, o * channels + c, width, height), scale);
  };
  const shown = Math.min(out, SHOWN_FILTERS);
  return html`<p>${counted(out, "filter")} of ${height} × ${width} in layer <code>${path}</code>${channels > 1 && `, each over ${counted(channels, "channel")}`}${
    shown < out && `; the first ${shown} are shown`
  }${planes < channels && !colour && `, with their first ${planes} channels`}.</p>
<ul class="filters${shown * planes <= FEW && " few"}">
${Array.from(
  { length: shown },
  (
    _,
    o,
  ) => html`<li>${Array.from({ length: planes }, (_, c) => picture(one(o, c), c === 0 ? `Filter ${o}` : "", colour ? "filter" : "filter signed"))}<span>${count(o)}</span></li>
`,
)}</ul>
${
  colour
    ? html`<p class="note">Red, green and blue weights as a colour: middle grey is 0, black −${significant(scale)} and full light ${significant(scale)}.</p>`
    : signedKey(scale)
}`;
}
