/** A profile as tables of at most 100 columns. */
import type { Profile, ProfiledStep } from "../../analysis/profile.ts";
import { shortened } from "../../analysis/summary/numbers.ts";
import { counted } from "../../train/report/format.ts";
import { byKind, byPass, gflops, gigabytesPerSecond, pathText, running, stepTime } from "./totals.ts";

/** A column: its heading and its width; text stands to the left. */
interface Column {
  readonly head: string;
  readonly width: number;
  readonly left?: true;
}

const STEP_COLUMNS: readonly Column[] = [
  { head: "ms", width: 8 },
  { head: "share", width: 6 },
  { head: "layer", width: 26, left: true },
  { head: "pass", width: 8, left: true },
  { head: "kernel", width: 25, left: true },
  { head: "GFLOP/s", width: 7 },
  { head: "peak", width: 4 },
  { head: "GB/s", width: 5 },
];

/** What the lines say; `top` steps and layers are listed. */
export function profileText(profile: Profile, top: number): string {
  const total = stepTime(profile);
  const share = (ms: number): string => `${((100 * ms) / total).toFixed(1)}%`;
  const steps = [...running(profile)].sort((a, b) => b.milliseconds - a.milliseconds);
  const stepRow = (s: ProfiledStep): readonly string[] => [
    time(s.milliseconds),
    share(s.milliseconds),
    pathText(s.path),
    s.pass,
    s.name,
    ...speeds(s, profile.peakGflops),
  ];
  // Kernels of a chain stand below it.
  const rows = steps
    .slice(0, top)
    .flatMap((s) => [
      stepRow(s),
      ...s.kernels.map((k) => [time(k.milliseconds), "", "", "", `  ${k.name}`, ...speeds(k, profile.peakGflops)]),
    ]);
  const kinds = byKind(profile).map((t) => [
    time(t.milliseconds),
    share(t.milliseconds),
    t.kind,
    `${t.steps}`,
    ...speeds(t, profile.peakGflops),
  ]);
  const passes = byPass(profile).map((t) => [
    time(t.milliseconds),
    share(t.milliseconds),
    t.pass,
    t.multiplyAdds > 0 ? number(gflops(t)) : "",
  ]);
  const layers = [...profile.layers]
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, top)
    .map((l) => [time(l.milliseconds), share(l.milliseconds), pathText(l.path), l.pass, l.multiplyAdds > 0 ? number(gflops(l)) : ""]);
  const figures = STEP_COLUMNS.slice(0, 2);
  const speedColumns = STEP_COLUMNS.slice(5);
  const effective: Column = { head: "effective GFLOP/s", width: 17 };
  const fixed = profile.steps.filter((s) => s.fixed);
  return [
    ...headLines(profile),
    "",
    steps.length > top ? `The ${top} slowest of ${steps.length} steps` : counted(steps.length, "step"),
    ...table(STEP_COLUMNS, rows),
    "",
    "By kind of kernel",
    ...table([...figures, { head: "kind", width: 26, left: true }, { head: "steps", width: 6 }, ...speedColumns], kinds),
    "",
    "By pass",
    ...table([...figures, { head: "pass", width: 26, left: true }, effective], passes),
    "",
    profile.layers.length > top ? `By layer: the ${top} slowest of ${profile.layers.length}` : "By layer",
    ...table([...figures, { head: "layer", width: 40, left: true }, { head: "pass", width: 8, left: true }, effective], layers),
    "",
    "GFLOP/s counts what kernels multiply and add; peak is its share of what registers alone can do; GB/s",
    "counts each array that a step reads or writes once. Effective is what the layers' definitions take,",
    "of which minimal filtering does a part. Kernels of a chain, indented, were measured alone.",
    ...(fixed.length > 0
      ? [
          `${counted(fixed.length, "step")} more, ${time(fixed.reduce((n, s) => n + s.milliseconds, 0)).trim()} ms, only run after weights were set.`,
        ]
      : []),
  ].join("\n");
}

function headLines(profile: Profile): readonly string[] {
  const { model, input, batch, mode, milliseconds, rounds, memory, peakGflops } = profile;
  const what = mode === "train" ? "a step of training" : "a forward pass";
  return [
    `${model}, ${what}: ${counted(batch, "input")} of ${input.join("x")}, 1 thread`,
    `${time(milliseconds).trim()} ms (median of ${rounds}), ${number((1000 * batch) / milliseconds)} inputs/s; steps one by one ${time(stepTime(profile)).trim()} ms`,
    `${(memory / 2 ** 20).toFixed(1)} MiB; at most ${peakGflops.toFixed(1)} GFLOP/s`,
  ];
}

/** GFLOP/s, share of peak and GB/s; nothing where nothing is multiplied. */
function speeds(work: { readonly multiplyAdds: number; readonly bytes: number; readonly milliseconds: number }, peak: number): string[] {
  const rate = gflops(work);
  const moved = work.bytes > 0 ? number(gigabytesPerSecond(work)) : "";
  return work.multiplyAdds > 0 ? [number(rate), `${((100 * rate) / peak).toFixed(0)}%`, moved] : ["", "", moved];
}

const time = (ms: number): string => (ms >= 100 ? ms.toFixed(1) : ms.toFixed(3));
const number = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 1 ? x.toPrecision(3) : x.toFixed(2));

function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  return [columns.map((c) => c.head), ...rows].map((cells) =>
    columns
      .map(({ width, left }, i) => {
        const cell = shortened(cells[i]!, width);
        return left ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(" ")
      .trimEnd(),
  );
}
