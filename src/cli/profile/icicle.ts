/** The time of a program as an icicle: each box is as wide as its time, and stands below what it is a part of. */
import { KERNEL_KINDS, type KernelKind } from "../../analysis/profile/steps.ts";
import type { Profile, ProfiledKernel, ProfiledStep } from "../../analysis/profile.ts";
import { type Html, html } from "../../train/report/html.ts";
import { gflops, gigabytesPerSecond, running } from "./totals.ts";

/** A box; `from` and `to` are parts of the whole width. */
export interface Box {
  readonly name: string;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
  /** Of steps and kernels. */
  readonly kind: KernelKind | undefined;
  readonly milliseconds: number;
  /** What it is and what it does, in words. */
  readonly detail: string;
}

interface Node {
  readonly name: string;
  readonly milliseconds: number;
  readonly kind: KernelKind | undefined;
  readonly detail: string;
  readonly children: readonly Node[];
}

/** The boxes, each after the one it is a part of: program, pass, layers, step, kernel. */
export function boxesOf(profile: Profile): Box[] {
  const root = group(profile.model, profile.model, within(running(profile), passOf));
  const boxes: Box[] = [];
  const place = (node: Node, depth: number, from: number, to: number): void => {
    const { name, kind, detail, milliseconds } = node;
    boxes.push({ name, depth, from, to, kind, milliseconds, detail });
    const whole = node.children.reduce((sum, c) => sum + c.milliseconds, 0);
    let left = from;
    for (const child of node.children) {
      const right = left + ((to - from) * child.milliseconds) / whole;
      place(child, depth + 1, left, right);
      left = right;
    }
  };
  place(root, 0, 0, 1);
  return boxes;
}

/** Where a step stands: the names above it. */
const passOf = ({ pass, path }: ProfiledStep): readonly string[] => [pass, ...(path === "" ? [] : path.split("."))];

/**
 * Steps below the names that they share; `names` gives those of a step. Groups stand where their slowest step does: what prepares weights may
 * run long before.
 */
function within(steps: readonly ProfiledStep[], names: (s: ProfiledStep) => readonly string[], depth = 0): Node[] {
  const groups = new Map<string, ProfiledStep[]>();
  for (const s of steps) {
    const name = names(s)[depth];
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), s]);
  }
  const slowest = new Map([...groups].map(([name, own]) => [own.reduce((a, b) => (b.milliseconds > a.milliseconds ? b : a)), name]));
  return steps.flatMap((s) => {
    if (names(s).length <= depth) return [stepNode(s)];
    const entry = slowest.get(s);
    if (entry === undefined) return [];
    const own = groups.get(entry)!;
    return group(
      entry,
      names(own[0]!)
        .slice(0, depth + 1)
        .join(" "),
      within(own, names, depth + 1),
    );
  });
}

function group(name: string, where: string, children: readonly Node[]): Node {
  const milliseconds = children.reduce((sum, c) => sum + c.milliseconds, 0);
  return { name, milliseconds, kind: undefined, detail: where, children };
}

const stepNode = (s: ProfiledStep): Node => ({
  name: s.name,
  milliseconds: s.milliseconds,
  kind: s.kind,
  detail: `${s.name}, ${workText(s)}`,
  children: s.kernels.map((k) => ({
    name: k.name,
    milliseconds: k.milliseconds,
    kind: k.kind,
    detail: `${k.name}, alone, ${workText(k)}`,
    children: [],
  })),
});

function workText(work: ProfiledStep | ProfiledKernel): string {
  const rate = work.multiplyAdds > 0 ? `, ${gflops(work).toFixed(1)} GFLOP/s` : "";
  const moved = work.bytes > 0 ? `, ${(work.bytes / 1e6).toPrecision(3)} MB at ${gigabytesPerSecond(work).toPrecision(3)} GB/s` : "";
  return `${work.kind}${rate}${moved}`;
}

/** Height of a row in pixels. */
const ROW = 30;

/** The class that colours a kind. */
export const kindClass = (kind: KernelKind): string => `k${KERNEL_KINDS.indexOf(kind)}`;

/** The boxes as buttons: they show their place and detail without a script, which only looks closer. */
export function icicle(profile: Profile): Html {
  const boxes = boxesOf(profile);
  const rows = Math.max(...boxes.map((b) => b.depth)) + 1;
  const total = boxes[0]!.milliseconds;
  const percent = (x: number): string => `${(100 * x).toFixed(3)}%`;
  return html`<div class="icicle" id="icicle" style="height:${rows * ROW}px">
${boxes.map((b) => {
  const time = `${significant(b.milliseconds)} ms, ${((100 * b.milliseconds) / total).toFixed(1)}%`;
  const place = `left:${percent(b.from)};width:${percent(b.to - b.from)};top:${b.depth * ROW}px`;
  return html`<button type="button" class="${b.kind === undefined ? "group" : kindClass(b.kind)}" style="${place}" data-from="${b.from}" data-to="${b.to}" data-depth="${b.depth}" title="${b.detail}: ${time}"><b>${b.name}</b> ${time}</button>
`;
})}</div>
<p class="told" id="told" aria-live="polite">Point at a box to read what it is; click it to look closer, and the top to come back.</p>`;
}

const significant = (ms: number): string => (ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3));
