import type { SummaryLayer } from "./layerRow.ts";
import { percent, shortened } from "./numbers.ts";

const SHOWN = ["weights", "units", "connections"] as const;
type Shown = (typeof SHOWN)[number];
type Part = { readonly name: string } & { readonly [K in Shown]: number };

/** More lines than this are no picture any more: then layers are taken together by the first parts of their names. */
const MOST_LINES = 24;
const [LONGEST_NAME, SHORTEST_BAR, LONGEST_BAR] = [20, 4, 24] as const;
/** " 58.1%" */
const PERCENT = 6;

/** Where the weights, units and connections are: a bar each, in lines of at most `width` characters. */
export function chart(layers: readonly SummaryLayer[], width: number): string {
  const parts = partsOf(layers);
  const names = Math.min(LONGEST_NAME, Math.max("total".length, ...parts.map(({ name }) => name.length)));
  const room = Math.floor((width - names) / SHOWN.length) - 2 - PERCENT;
  const bars = Math.min(LONGEST_BAR, Math.max(SHORTEST_BAR, room));
  const sums = Object.fromEntries(SHOWN.map((key) => [key, parts.reduce((sum, part) => sum + part[key], 0)])) as Record<Shown, number>;
  const most = Object.fromEntries(SHOWN.map((key) => [key, Math.max(0, ...parts.map((part) => part[key]))])) as Record<Shown, number>;
  const cell = (part: Part, key: Shown): string => {
    const filled = most[key] === 0 ? "" : bar((bars * part[key]) / most[key]);
    return `  ${filled.padEnd(bars)}${percent(sums[key] === 0 ? 0 : part[key] / sums[key]).padStart(PERCENT)}`;
  };
  const head = "share of".padEnd(names) + SHOWN.map((key) => `  ${shortened(key, bars + PERCENT).padEnd(bars + PERCENT)}`).join("");
  const lines = parts.map((part) => shortened(part.name, names).padEnd(names) + SHOWN.map((key) => cell(part, key)).join(""));
  return [head, ...lines].map((line) => line.trimEnd()).join("\n");
}

/** The layers that have something to show, taken together by as many parts of their names as keep them few. */
function partsOf(layers: readonly SummaryLayer[]): readonly Part[] {
  const some = layers.filter((layer) => SHOWN.some((key) => layer[key] > 0));
  const deepest = Math.max(1, ...some.map(({ name }) => name.split(".").length));
  for (let depth = deepest; ; depth--) {
    const parts = together(some, depth);
    if (parts.length <= MOST_LINES || depth === 1) return parts;
  }
}

function together(layers: readonly SummaryLayer[], depth: number): readonly Part[] {
  const parts = new Map<string, Part>();
  for (const layer of layers) {
    const name = layer.name === "" ? "(itself)" : layer.name.split(".").slice(0, depth).join(".");
    const { weights, units, connections } = parts.get(name) ?? { weights: 0, units: 0, connections: 0 };
    parts.set(name, {
      name,
      weights: weights + layer.weights,
      units: units + layer.units,
      connections: connections + layer.connections,
    });
  }
  return [...parts.values()];
}

/** A bar of this length: whole characters and an eighth part at its end. Something is never nothing. */
function bar(length: number): string {
  if (length <= 0) return "";
  const eighths = Math.max(1, Math.round(length * 8));
  return "█".repeat(Math.floor(eighths / 8)) + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]!;
}
