import { confusion } from "./confusion.ts";
import { curves } from "./curves.ts";
import type { ReportData } from "./data.ts";
import { pageOf, type Section } from "./document.ts";
import { featureMaps } from "./featureMaps.ts";
import { filters } from "./filters.ts";
import { gallery } from "./gallery.ts";
import { header } from "./header.ts";
import { layers } from "./layers.ts";
import { memory } from "./memory.ts";
import { reproduce } from "./reproduce.ts";
import { tally } from "./tally.ts";

/** The report of one training run as a page of its own. */
export function renderReport(data: ReportData): string {
  const sums = tally(data);
  const sections: readonly Section[] = [
    ["curves", "Curves", "Learning curves", curves(data)],
    ["confusion", "Confusion", "Confusion matrix", confusion(data, sums)],
    ["mistakes", "Mistakes", "Worst mistakes", gallery(data, sums.images - sums.right)],
    ["filters", "Filters", "First-layer filters", data.filters && filters(data.filters)],
    ["example", "One image", "One image, layer by layer", data.example && featureMaps(data.example, data)],
    ["layers", "Layers", "Layers", layers(data)],
    ["memory", "Memory", "Memory", memory(data.memory)],
    ["reproduce", "Reproduce", "How to reproduce", reproduce(data)],
  ];
  return pageOf({ title: `${data.title}: training report`, header: header(data, sums), sections });
}
