/** RESULTS.md. */
import { flopsOf, type WorkList } from "../workList.ts";
import type { Figure, Figures, Metric } from "./figures.ts";
import { type Section, sectionsOf } from "./items.ts";
import { PEERS } from "./peers.ts";
import { BARE_NODE, COLD, compilation, MNIST } from "./processes.ts";
import { type Target, targetsOf, type Verdict, verdictOf } from "./targets.ts";

/** Where and how it was measured. */
export interface Setting {
  readonly machine: string;
  readonly command: string;
  readonly versions: Readonly<{ [peer: string]: string }>;
  readonly figures: Figures;
  readonly work: WorkList;
}

/** The whole page. */
export function resultsPage(setting: Setting): string {
  const { machine, command, versions, figures, work } = setting;
  const named = PEERS.filter((p) => versions[p.name]).map((p) => `${p.name} ${versions[p.name]}`);
  const parts = [
    "# Fovea and others on the same work",
    `Made by \`${command}\` in \`bench/peers\`. ${machine}. ${named.join(", ")}.`,
    NOTES,
    "## Targets",
    targetsTable(targetsOf(work), figures),
    ...sectionsOf(work).flatMap((section) => sectionTable(section, setting)),
    "## Memory of the process, MiB",
    memoryTable(setting),
    "## Cold start",
    coldTable(figures),
    "## MNIST to 99.0%",
    mnistTable(figures),
    "## Compiling",
    compileTable(setting),
    "## What is absent",
    absences(figures),
  ];
  return `${parts.join("\n\n")}\n`;
}

const NOTES = `32-bit floats. Every item is timed by all libraries in turn, in windows of 200 ms, round after round, so that whatever the machine does
meanwhile happens to all of them; a window in which others used more than a fifth of a core is taken again. Figures are medians of the windows'
medians, a tilde marks those without a quiet window. \`fovea\` has its numbers in states of the program, so that a run copies nothing in or out: the
figure to compare with others inside a larger program. \`fovea-copied\` gives images to each run and takes scores from it, as the others do.
\`ceiling\` is no library: it is a convolution's multiplications and additions, on vector registers alone, without fused multiply-add.
tfjs-wasm trains with a gradient by the filter that is put together from its own convolution, because it has none; two threads need a patch
too. onnxruntime does not train. Native libraries use AVX-512 where there is any; WebAssembly has vectors of 128 bits.`;

const number = (x: number): string => (x >= 1000 ? x.toFixed(0) : Number(x.toPrecision(3)).toString());

function table(head: readonly string[], rows: readonly (readonly string[])[], textColumns = 1): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, i) => (i < textColumns ? "---" : "--:"));
  return [line(head), `|${rule.join("|")}|`, ...rows.map(line)].join("\n");
}

/** Peers and thread counts that have a figure for one of these works at least. */
function rowsFor(works: readonly string[], figures: Figures, metric: Metric): { readonly peer: string; readonly threads: number }[] {
  const all = PEERS.flatMap(({ name: peer }) => [1, 2].map((threads) => ({ peer, threads })));
  return all.filter(({ peer, threads }) => works.some((work) => figures.value(work, peer, threads, metric) !== undefined));
}

const cell = (figure: Figure | undefined, show: (value: number) => string = number): string =>
  figure?.value === undefined ? "–" : `${show(figure.value)}${figure.noisy ? "~" : ""}`;

const shortName = (work: string): string => work.replace(/^conv /, "").replace(/ (fwd|fwdbwd|step)$/, "");

/** Milliseconds; of convolutions GFLOP/s besides. Nothing where nothing was measured. */
function sectionTable({ title, items }: Section, { figures }: Setting): string[] {
  const works = items.map((i) => i.work);
  const rows = rowsFor(works, figures, "ms");
  if (rows.length === 0) return [];
  const milliseconds = table(
    ["ms", "threads", ...works.map(shortName)],
    rows.map(({ peer, threads }) => [peer, String(threads), ...works.map((work) => cell(figures.get(work, peer, threads)))]),
  );
  const flops = items.map(({ item }) => ("conv" in item ? flopsOf(item.conv) * (item.pass === "fwd" ? 1 : 3) : undefined));
  if (flops.includes(undefined)) return [`## ${title}`, milliseconds];
  const speeds = table(
    ["GFLOP/s", "threads", ...works.map(shortName)],
    rows.map(({ peer, threads }) => [
      peer,
      String(threads),
      ...works.map((work, i) => cell(figures.get(work, peer, threads), (ms) => (flops[i]! / ms / 1e6).toFixed(0))),
    ]),
  );
  return [`## ${title}`, speeds, milliseconds];
}

function memoryTable({ figures, work }: Setting): string {
  const works = sectionsOf(work).flatMap(({ items }) => items.filter(({ item }) => "network" in item).map((i) => i.work));
  const rows = rowsFor(works, figures, "peakBytes");
  return table(
    ["peak", "threads", ...works],
    rows.map(({ peer, threads }) => [
      peer,
      String(threads),
      ...works.map((w) => cell(figures.get(w, peer, threads, "peakBytes"), (bytes) => (bytes / 2 ** 20).toFixed(0))),
    ]),
  );
}

function coldTable(figures: Figures): string {
  const rows = [BARE_NODE, ...PEERS.map((p) => p.name)].flatMap((peer) => {
    const figure = figures.get(COLD, peer, 1);
    return figure?.value === undefined ? [] : [[peer, number(figure.value), number(figure.best!)]];
  });
  return `From spawn to exit of a process that puts one image through LeNet-5.\n\n${table(["", "ms", "fastest"], rows)}`;
}

function mnistTable(figures: Figures): string {
  const rows = [...figures.all()].filter((f) => f.work === MNIST && f.value !== undefined);
  const cells = rows.map((f) => [f.peer, String(f.threads), number(f.value! / 1000), number(f.best! / 1000)]);
  const what =
    "LeNet-5 from the start of the process to a test accuracy of 99.0%: the same network, batches and schedule; median over seeds.";
  return `${what}\n\n${table(["", "threads", "s", "fastest"], cells)}`;
}

function compileTable({ figures, work }: Setting): string {
  const rows = work.networks.flatMap((network) =>
    (["fwd", "step"] as const).flatMap((pass) => {
      const name = compilation(network, pass);
      const [ms, bytes] = [figures.get(name, "fovea", 1), figures.value(name, "fovea", 1, "moduleBytes")];
      return ms?.value === undefined ? [] : [[`${network.id} ${pass}`, number(ms.value), number(ms.best!), (bytes! / 1024).toFixed(0)]];
    }),
  );
  const what =
    "Fovea's first compilation in a fresh process, from the traced function to a program that can run; median of several processes.";
  return `${what}\n\n${table(["", "ms", "fastest", "module, KiB"], rows)}`;
}

function targetsTable(targets: readonly Target[], figures: Figures): string {
  const fastest = figures.byFastest();
  const verdicts: Verdict[] = [];
  const rows = targets.map((target) => {
    const measured = target.measured(figures);
    const verdict = verdictOf(target, measured);
    verdicts.push(verdict);
    const bound = target.atLeast === undefined ? `at most ${target.atMost}` : `at least ${target.atLeast}`;
    const values = [measured, target.measured(fastest)].map((m) =>
      m?.value === undefined ? "–" : `${number(m.value)}${m.noisy ? "~" : ""}`,
    );
    return [target.what, String(target.threads), `${bound} ${target.unit}`, ...values, measured?.rival ?? "", verdict];
  });
  const met = verdicts.filter((v) => v === "met").length;
  const head = ["", "threads", "bound", "measured", "by the fastest runs", "rival", ""];
  return `${met} of ${rows.length} are met.\n\n${table(head, rows)}`;
}

function absences(figures: Figures): string {
  const reasons = new Map<string, string[]>();
  for (const { peer, absent, work, threads } of figures.all()) {
    if (absent === undefined) continue;
    const key = `${peer}: ${absent}`;
    reasons.set(key, [...(reasons.get(key) ?? []), `${work} (${threads})`]);
  }
  const lines = [...reasons].map(([reason, works]) => `- ${reason}: ${works.length > 4 ? `${works.length} items` : works.join(", ")}`);
  return lines.length === 0 ? "Nothing." : lines.join("\n");
}
