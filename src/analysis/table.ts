/** A summary as text. */
import type { Shape } from "../base/shape.ts";
import type { Summary, SummaryRow } from "./summary.ts";

const WIDTH = 80;
const HEAD = ["", "type", "output", "parameters", "mult-adds", "connections"] as const;
const LEFT_ALIGNED = 3;

/** At most 80 columns: large numbers are shortened where they must be, and then names. */
export function table(summary: Summary): string {
  const root = summary.rows[0]!;
  // A root that only calls others is in the headline; one that does something itself has a row.
  const shown = summary.rows.filter((row) => row !== root || summary.rows.length === 1 || doesSomething(row));
  const lines = (number: (n: number) => string): string[][] => [
    [...HEAD],
    ...shown.map((row) => rowCells(row, shown, number)),
    ["total", "", "", ...[summary.totals.parameters, summary.totals.multiplyAdds, summary.totals.connections].map(number)],
  ];
  const exact = lines(grouped);
  const cells = widthOf(exact) <= WIDTH ? exact : lines(rounded);
  const widths = columnWidths(cells);
  const spare = WIDTH - widthOf(cells);
  if (spare < 0) widths[0] = Math.max(4, widths[0]! + spare);

  const text = cells.map((row) =>
    row
      .map((cell, i) => (i < LEFT_ALIGNED ? shortened(cell, widths[i]!).padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  const rule = "-".repeat(widths.reduce((a, b) => a + b + 2, -2));
  const [head, total] = [text[0]!, text.at(-1)!];
  return [`${root.type} for inputs of ${shapeText(summary.input)}`, rule, head, rule, ...text.slice(1, -1), rule, total].join("\n");
}

const doesSomething = (row: SummaryRow): boolean => row.parameters > 0 || row.multiplyAdds > 0 || row.connections > 0;

function rowCells(row: SummaryRow, shown: readonly SummaryRow[], number: (n: number) => string): string[] {
  const numbers = [row.parameters, row.multiplyAdds, row.connections].map((n) => (n === 0 ? "" : number(n)));
  return [nameIn(row.path, shown), row.type, row.output ? shapeText(row.output) : "", ...numbers];
}

/** The path from the nearest row above, indented below that, so that the rows read as a tree. */
function nameIn(path: string, shown: readonly SummaryRow[]): string {
  const above = shown.filter((row) => row.path !== "" && path.startsWith(`${row.path}.`));
  const start = Math.max(0, ...above.map((row) => row.path.length + 1));
  return path === "" ? "(itself)" : "  ".repeat(above.length) + path.slice(start);
}

const shapeText = (shape: Shape): string => (shape.length === 0 ? "-" : shape.join(" x "));

/** 61706 -> "61,706". */
const grouped = (n: number): string => `${n}`.replace(/\B(?=(\d{3})+$)/g, ",");

/** 1814073344 -> "1.81 G". */
function rounded(n: number): string {
  const step = [
    ["T", 1e12],
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const;
  const unit = step.find(([, size]) => n >= size);
  return unit ? `${(n / unit[1]).toPrecision(3)} ${unit[0]}` : `${n}`;
}

const columnWidths = (cells: readonly string[][]): number[] => HEAD.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
const widthOf = (cells: readonly string[][]): number => columnWidths(cells).reduce((a, b) => a + b + 2, -2);
const shortened = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
