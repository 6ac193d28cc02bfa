/** One figure, as machines read it. */
export interface Figure {
  readonly work: string;
  readonly metric: string;
  readonly threads: number;
  readonly value: number;
  readonly unit: string;
}

/** A figure from the median, and what readers want to know besides. */
export interface Row {
  readonly figure: Figure;
  /** The same from the fastest run. */
  readonly best: number;
  /** Part of what the cores could do, where the figure is arithmetic. */
  readonly share?: number;
  /** Whether others used the machine meanwhile. */
  readonly noisy: boolean;
}

/** All figures as a JSON array; five digits, more would be noise. */
export const jsonFigures = (rows: readonly Row[]): string =>
  JSON.stringify(
    rows.map(({ figure }) => ({ ...figure, value: Number(figure.value.toPrecision(5)) })),
    undefined,
    1,
  );

/** Columns of the table: name, and width; negative for text, which stands to the left. Together below 100. */
const COLUMNS = { work: -33, metric: -17, threads: 7, median: 10, best: 10, unit: -10, peak: 6 } as const;

function columns(cells: Readonly<Record<keyof typeof COLUMNS, string>>): string {
  const padded = Object.entries(COLUMNS).map(([name, width]) => {
    const cell = cells[name as keyof typeof COLUMNS];
    return width < 0 ? cell.padEnd(-width) : `${cell.padStart(width)} `;
  });
  return padded.join("");
}

/** Head of the table. */
export const tableHead = (): string =>
  columns({ work: "work", metric: "metric", threads: "threads", median: "median", best: "best", unit: "unit", peak: "peak" }).trimEnd();

/** One line of the table. */
export function tableLine({ figure, best, share, noisy }: Row): string {
  const number = (x: number): string => (x >= 1000 ? x.toFixed(0) : x.toPrecision(3));
  const { work, metric, unit } = figure;
  const peak = share === undefined ? "" : `${(100 * share).toFixed(0)}%`;
  const cells = { work, metric, threads: `${figure.threads}`, median: number(figure.value), best: number(best), unit, peak };
  return `${columns(cells)}${noisy ? "~" : ""}`.trimEnd();
}
