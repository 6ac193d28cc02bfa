import type { Summary } from "../summary.ts";
import { fieldText } from "./fieldText.ts";
import { SUMS } from "./layerRow.ts";
import { grouped, shapeText } from "./numbers.ts";

const HEAD = ["layer", "type", "output", "weights", "units", "connections", "with bias", "multiply-adds", "field"] as const;
const TEXTS = 3;

/** The layers as a Markdown table, every number in full. */
export function markdownTable({ layers, total }: Summary): string {
  const rows = layers.map((layer) => [
    layer.name === "" ? "(itself)" : `\`${layer.name}\``,
    layer.type,
    layer.outputShape ? shapeText(layer.outputShape) : "unused",
    ...SUMS.map((key) => (layer[key] === 0 ? "" : grouped(layer[key]))),
    fieldText(layer.receptiveField),
  ]);
  const sums = ["**total**", "", "", ...SUMS.map((key) => grouped(total[key])), ""];
  const alignment = HEAD.map((_, i) => (i < TEXTS ? "---" : "---:"));
  return [HEAD, alignment, ...rows, sums].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
