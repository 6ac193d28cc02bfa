import type { KERNEL_KINDS } from "../../analysis/profile/steps.ts";
import { Html } from "../../train/report/html.ts";

/** A colour for each kind of kernel, in the order of KERNEL_KINDS, and how much of it a box takes. */
const COLOURS = [
  ["--teal", 38],
  ["--blue", 38],
  ["--plum", 38],
  ["--orange", 34],
  ["--grey", 46],
  ["--grey", 22],
] as const satisfies { readonly length: (typeof KERNEL_KINDS)["length"] };

const kindRules = COLOURS.map(
  ([colour, share], i) => `.k${i}{background:color-mix(in srgb,var(${colour}) ${share}%,var(--paper));color:var(--ink)}`,
).join("\n");

/** What the page of a profile needs beside the style of training reports. */
export const PROFILE_STYLE: Html = new Html(`
.icicle{position:relative;overflow:hidden;margin-top:14px}
.icicle button{position:absolute;height:28px;min-width:0;padding:0 7px;border:0;border-right:1px solid var(--paper);border-radius:2px;
  overflow:hidden;white-space:nowrap;text-align:left;font-size:13px;line-height:28px;font-family:inherit;cursor:pointer}
.icicle button b{font-weight:600}
.icicle button.group{background:var(--plate);color:var(--ink)}
.icicle button.narrow{font-size:0;padding:0}
.icicle button.above{color:var(--muted)}
.icicle button:hover{filter:brightness(.94)}
.icicle button:focus-visible{outline-offset:-2px}
@media screen and (prefers-color-scheme:dark){.icicle button:hover{filter:brightness(1.18)}}
.told{font-size:15px;min-height:3.1em;margin:12px 0 0;max-width:none}
.kinds{display:flex;flex-wrap:wrap;gap:6px 20px;font-size:14px;color:var(--muted);max-width:none}
.kinds i{display:inline-block;width:14px;height:14px;border-radius:2px;margin-right:7px;vertical-align:-2px}
@media print{.icicle{display:none}.told{display:none}}
${kindRules}
`);
