import { Html } from "../../train/report/html.ts";

/** One entry for each line of a chart: colour and dashes, both of which tell lines apart. */
const LINES = [
  ["--blue", "none"],
  ["--orange", "7 4"],
  ["--teal", "2 4"],
  ["--plum", "10 3 2 3"],
  ["--ink", "none"],
  ["--grey", "5 5"],
] as const;

/** How many lines look different. */
export const LINE_STYLES: number = LINES.length;

const lineRules = LINES.map(
  ([colour, dashes], i) =>
    `path.s${i}{stroke:var(${colour});stroke-width:2.25;stroke-dasharray:${dashes}}` +
    `path.whisker.s${i}{stroke-width:1.5;stroke-dasharray:none;opacity:.65}` +
    `circle.disc.s${i}{fill:var(${colour})}circle.ring.s${i}{fill:var(--paper);stroke:var(${colour});stroke-width:2}`,
).join("\n");

/** What an experiment's page needs beside the style of training reports. */
export const EXPERIMENT_STYLE: Html = new Html(`
${lineRules}
h1.question{font-size:clamp(28px,4.4vw,42px);max-width:22em}
.answer-text{font-size:20px;line-height:1.45;margin:20px 0 0;max-width:36em}
.figures.even div:first-child b{font-size:34px;line-height:1.15;letter-spacing:0;margin:4px 0 2px}
.figures.even div:first-child{flex:0 1 auto}
.figures.even{align-items:start;gap:28px 40px}
.figures.even div{max-width:214px}
.figures.even b{white-space:nowrap}
.block{margin-top:34px}
.block:first-child,.pair>.block{margin-top:0}
.pair.block{margin-top:34px}
.pair.block:first-child{margin-top:0}
.block h3{margin-bottom:6px}
.axis-label{font-size:14px;color:var(--muted);margin:2px 0 0}
.numbers td.long{white-space:normal;min-width:220px;max-width:420px;line-height:1.4}
.numbers td.gauge{width:14%}
.says li{margin:0 0 12px;padding-left:20px;max-width:44em;position:relative;text-wrap:pretty}
.says li::before{content:"";position:absolute;left:2px;top:.62em;width:6px;height:6px;border-radius:3px;background:var(--blue)}
.plates{display:flex;flex-wrap:wrap;gap:18px 20px;margin-top:10px}
.plates li{width:112px;font-size:13px;line-height:1.3;color:var(--muted)}
.plates img{width:112px;border:1px solid var(--rule);margin-bottom:6px}
.warning{background:var(--plate);border-left:3px solid var(--orange);padding:10px 14px;max-width:44em}
@media screen and (max-width:560px){
.answer-text{font-size:18px}
.figures.even div,.figures.even div:first-child{flex:1 1 130px}
.figures.even div:first-child b{font-size:27px}
.plates li,.plates img{width:84px}
.numbers td.long{min-width:180px}
}
`);
