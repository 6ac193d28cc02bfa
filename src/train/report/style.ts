import { Html } from "./html.ts";
import { DARK, heat, hex, LEVELS, LIGHT, type Theme } from "./palette.ts";
import { BASE_STYLE } from "./styleBase.ts";
import { FIGURE_STYLE } from "./styleFigures.ts";

const variables = (theme: Theme): string =>
  Object.entries(theme)
    .map(([name, colour]) => `--${name}:${hex(colour)};`)
    .join("");

/** Classes r1, r2, ... for what is right and w1, w2, ... for what is wrong. */
function heatRules(theme: Theme): string {
  let rules = "";
  for (let level = 1; level <= LEVELS; level++) {
    for (const [letter, hue] of [["r", theme.blue] as const, ["w", theme.orange] as const]) {
      const { fill, text } = heat(theme, hue, level);
      rules += `.${letter}${level}{background:${hex(fill)};color:${hex(text)}}`;
    }
  }
  return rules;
}

/** The page's whole style: light, and dark where the reader's system is; paper is always light. */
export const STYLE: Html = new Html(`
:root{color-scheme:light dark;${variables(LIGHT)}}
${heatRules(LIGHT)}
@media screen and (prefers-color-scheme:dark){
:root{${variables(DARK)}}
${heatRules(DARK)}
}
${BASE_STYLE}${FIGURE_STYLE}`);
