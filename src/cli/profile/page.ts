import { createHash } from "node:crypto";
import type { Profile, ProfiledStep } from "../../analysis/profile.ts";
import { tableView } from "../../experiments/page/tableView.ts";
import type { Table } from "../../experiments/report/report.ts";
import { pageOf, type Section } from "../../train/report/document.ts";
import { count, counted, significant, size } from "../../train/report/format.ts";
import { Html, html } from "../../train/report/html.ts";
import { icicle, kindClass } from "./icicle.ts";
import { ICICLE_SCRIPT } from "./icicleScript.ts";
import { PROFILE_STYLE } from "./style.ts";
import { byKind, byPass, gflops, gigabytesPerSecond, pathText, running, stepTime } from "./totals.ts";

/** Rows of the tables of steps and layers: more would be a page of their own. */
const ROWS = 40;

/** A profile as a page of its own. */
export function renderProfile(profile: Profile): string {
  const sections: readonly Section[] = [
    ["picture", "Where the time goes", "Where the time goes", picture(profile)],
    ["kinds", "Kinds of kernels", "Kinds of kernels", kinds(profile)],
    ["layers", "Layers", "Layers", layers(profile)],
    ["steps", "Steps", "The slowest steps", steps(profile)],
    ["how", "How it was measured", "How it was measured", how(profile)],
  ];
  return pageOf({
    title: `Profile of ${profile.model}`,
    style: PROFILE_STYLE,
    header: header(profile),
    sections,
    script: { code: new Html(ICICLE_SCRIPT), sha256: createHash("sha256").update(ICICLE_SCRIPT).digest("base64") },
  });
}

const whatOf = ({ mode }: Profile): string => (mode === "train" ? "a step of training" : "a forward pass");

function header(profile: Profile): Html {
  const { model, input, batch, milliseconds, memory, peakGflops } = profile;
  const effective = gflops({ multiplyAdds: profile.layers.reduce((n, l) => n + l.multiplyAdds, 0), milliseconds });
  const real = gflops({ multiplyAdds: running(profile).reduce((n, s) => n + s.multiplyAdds, 0), milliseconds });
  const figures: readonly (readonly [string, string, string])[] = [
    ["Time", `${significant(milliseconds)} ms`, `${significant((1000 * batch) / milliseconds)} inputs a second, in one thread`],
    ["Effective", `${significant(effective)} GFLOP/s`, "by what the layers' definitions take"],
    ["Computed", `${significant(real)} GFLOP/s`, `${((100 * real) / peakGflops).toFixed(0)}% of what registers alone reach`],
  ];
  return html`<header>
<p class="kicker">Profile: ${whatOf(profile)}</p>
<h1>${model}</h1>
<p class="run">${counted(batch, "input")} of ${input.join(" × ")}, ${size(memory)} of memory</p>
<dl class="figures">
${figures.map(([name, value, more]) => html`<div><dt>${name}</dt><dd><b>${value}</b><span>${more}</span></dd></div>\n`)}</dl>
</header>`;
}

const picture = (profile: Profile): Html => html`<p class="kinds">${byKind(profile).map(
  ({ kind }) => html`<span><i class="${kindClass(kind)}"></i>${kind}</span>`,
)}</p>
${icicle(profile)}`;

function kinds(profile: Profile): Html {
  const total = stepTime(profile);
  return tableView({
    kind: "table",
    title: "By kind",
    columns: [
      { name: "Kind" },
      { name: "Steps", format: "count" },
      { name: "Time", format: "milliseconds" },
      { name: "Share", format: "percent", bar: true },
      { name: "GFLOP/s", format: "number" },
      { name: "GB/s", format: "number" },
    ],
    rows: byKind(profile).map((t) => [
      t.kind,
      t.steps,
      t.milliseconds,
      t.milliseconds / total,
      t.multiplyAdds > 0 ? gflops(t) : undefined,
      gigabytesPerSecond(t),
    ]),
    note: "GFLOP/s counts what kernels multiply and add; GB/s counts each array that a step reads or writes once.",
  });
}

function layers(profile: Profile): Html {
  const total = stepTime(profile);
  const slowest = [...profile.layers].sort((a, b) => b.milliseconds - a.milliseconds);
  const columns: Table["columns"] = [
    { name: "Layer" },
    { name: "Pass" },
    { name: "Time", format: "milliseconds" },
    { name: "Share", format: "percent", bar: true },
    { name: "Effective GFLOP/s", format: "number" },
  ];
  const speed = (t: { readonly multiplyAdds: number; readonly milliseconds: number }) => (t.multiplyAdds > 0 ? gflops(t) : undefined);
  const passes = byPass(profile).map((t) => ["all layers", t.pass, t.milliseconds, t.milliseconds / total, speed(t)] as const);
  const own = slowest.slice(0, ROWS).map((l) => [pathText(l.path), l.pass, l.milliseconds, l.milliseconds / total, speed(l)] as const);
  return tableView({
    kind: "table",
    title: slowest.length > ROWS ? `The ${ROWS} slowest of ${count(slowest.length)}` : "By layer and pass",
    columns,
    rows: [...passes, ...own],
    note: "Effective: by what the layer's definition takes, of which minimal filtering does a part.",
  });
}

function steps(profile: Profile): Html {
  const slowest = [...running(profile)].sort((a, b) => b.milliseconds - a.milliseconds);
  const total = stepTime(profile);
  const row = (s: ProfiledStep) =>
    [
      s.name,
      pathText(s.path),
      s.pass,
      s.milliseconds,
      s.milliseconds / total,
      s.multiplyAdds > 0 ? gflops(s) : undefined,
      s.multiplyAdds > 0 ? gflops(s) / profile.peakGflops : undefined,
      gigabytesPerSecond(s),
    ] as const;
  return tableView({
    kind: "table",
    title: slowest.length > ROWS ? `The ${ROWS} slowest of ${count(slowest.length)} steps` : "All steps",
    columns: [
      { name: "Step" },
      { name: "Layer" },
      { name: "Pass" },
      { name: "Time", format: "milliseconds" },
      { name: "Share", format: "percent" },
      { name: "GFLOP/s", format: "number" },
      { name: "Of peak", format: "percent" },
      { name: "GB/s", format: "number" },
    ],
    rows: slowest.slice(0, ROWS).map(row),
  });
}

function how(profile: Profile): Html {
  const fixed = profile.steps.filter((s) => s.fixed);
  return html`<p>Each step of the program ran by itself, in the program's order, ${count(profile.rounds)} times after a warm-up; times are medians.
One by one the steps take ${significant(stepTime(profile))} ms, the whole run ${significant(profile.milliseconds)} ms. The kernels of a chain run
block by block, so that what is in between stays in the cache; their boxes are as wide as the times that they take alone, in proportion.</p>
${
  fixed.length > 0 &&
  html`<p>${counted(fixed.length, "step")} more, which ${fixed.length === 1 ? "makes" : "make"} weights ready, only ${fixed.length === 1 ? "runs" : "run"} after weights were set:
${significant(fixed.reduce((n, s) => n + s.milliseconds, 0))} ms, not shown here.</p>`
}`;
}
