import type { ReceptiveField } from "../receptiveField/receptiveFields.ts";
import type { Summary } from "../summary.ts";
import { fieldText, sizeText } from "./fieldText.ts";
import type { SummaryLayer, SummarySums } from "./layerRow.ts";
import { grouped, rounded, shapeText, shortened } from "./numbers.ts";

/** A column: two lines of heading, and what it says of a layer and of the totals. */
interface Column {
  readonly head: readonly [string, string];
  readonly layer: (layer: SummaryLayer) => string;
  readonly total: (sums: SummarySums) => string;
  /** Characters before it. Default 2. */
  readonly gap?: number;
  readonly left?: true;
  /** The least it can be cut to. */
  readonly least?: number;
}

type Form = (n: number) => string;

const number = (key: keyof SummarySums, head: Column["head"], form: Form, gap = 2): Column => ({
  head,
  gap,
  layer: (layer) => (layer[key] === 0 ? "" : form(layer[key])),
  total: (sums) => form(sums[key]),
});

/**
 * What to try in turn: every column with all digits; without the one that three digits could not tell from its neighbour; shorter
 * numbers; closer together; without the strides of fields.
 */
function choices(shown: (layer: SummaryLayer) => string): readonly (readonly Column[])[] {
  const texts: readonly Column[] = [
    { head: ["", "layer"], layer: shown, total: () => "total", left: true, least: 8, gap: 0 },
    { head: ["", "type"], layer: (l) => l.type, total: () => "", left: true, least: 6 },
    { head: ["", "output"], layer: (l) => (l.outputShape ? shapeText(l.outputShape) : "unused"), total: () => "", left: true },
  ];
  const of = (form: Form, gap: number, withBias: boolean, field: (of: ReceptiveField | null) => string): readonly Column[] => [
    ...texts,
    number("weights", ["", "weights"], form, gap),
    number("units", ["", "units"], form, gap),
    number("connections", ["connec-", "tions"], form, gap),
    ...(withBias ? [number("connectionsWithBias", ["with", "bias"], form, 1)] : []),
    number("multiplyAdds", ["mult-", "adds"], form, gap),
    { head: ["", "field"], layer: ({ receptiveField }) => field(receptiveField), total: () => "", gap },
  ];
  return [
    of(grouped, 2, true, fieldText),
    of(grouped, 2, false, fieldText),
    of(rounded, 2, false, fieldText),
    of(rounded, 1, false, fieldText),
    of(rounded, 1, false, sizeText),
  ];
}

/** The layers in lines of at most `width` characters: large numbers are shortened where they must be, then types and names. */
export function table({ layers, total }: Summary, width: number): string {
  const groups = inGroups(layers);
  const shown = new Map(groups.flatMap(({ heading, members }) => members.map((layer) => [layer, nameIn(layer, heading)] as const)));
  const all = choices((layer) => shown.get(layer)!);
  const columns = all.find((some) => widthOf(naturalWidths(some, layers, total), some) <= width) ?? all.at(-1)!;
  const widths = fitted(naturalWidths(columns, layers, total), columns, width);
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ gap = 2, left }, i) => {
        const cell = shortened(cells[i]!, widths[i]!);
        return " ".repeat(gap) + (left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!));
      })
      .join("")
      .trimEnd();
  const rule = "-".repeat(widthOf(widths, columns));
  const body = groups.flatMap(({ heading, members }) => [
    ...(heading === "" ? [] : [shortened(heading, width)]),
    ...members.map((layer) => line(columns.map((column) => column.layer(layer)))),
  ]);
  const head = [0, 1].map((i) => line(columns.map((column) => column.head[i]!)));
  return [rule, ...head, rule, ...body, rule, line(columns.map((column) => column.total(total)))].join("\n");
}

/** Layers that follow each other in the same container. */
interface Group {
  readonly heading: string;
  readonly members: readonly SummaryLayer[];
}

function inGroups(layers: readonly SummaryLayer[]): readonly Group[] {
  const groups: { readonly heading: string; readonly members: SummaryLayer[] }[] = [];
  for (const layer of layers) {
    const heading = layer.name.slice(0, Math.max(0, layer.name.lastIndexOf(".")));
    const last = groups.at(-1);
    if (last?.heading === heading) last.members.push(layer);
    else groups.push({ heading, members: [layer] });
  }
  return groups;
}

/** The name below the heading. */
function nameIn({ name }: SummaryLayer, heading: string): string {
  if (name === "") return "(itself)";
  return heading === "" ? name : `  ${name.slice(heading.length + 1)}`;
}

const naturalWidths = (columns: readonly Column[], layers: readonly SummaryLayer[], total: SummarySums): readonly number[] =>
  columns.map(({ head, layer, total: sum }) => Math.max(...[...head, ...layers.map(layer), sum(total)].map((cell) => cell.length)));

const widthOf = (widths: readonly number[], columns: readonly Column[]): number =>
  widths.reduce((sum, width, i) => sum + width + (columns[i]!.gap ?? 2), 0);

/** The widths with types and names cut, as far as it helps. */
function fitted(natural: readonly number[], columns: readonly Column[], width: number): readonly number[] {
  const widths = [...natural];
  for (const i of [1, 0]) {
    const over = widthOf(widths, columns) - width;
    if (over > 0) widths[i] = Math.min(widths[i]!, Math.max(columns[i]!.least ?? 0, widths[i]! - over));
  }
  return widths;
}
