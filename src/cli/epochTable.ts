/** The epochs that are done, one row each. */

import type { Epoch } from "../train/history.ts";
import { count, duration, percent } from "../train/report/format.ts";

interface Column {
  readonly head: string;
  readonly width: number;
  text(epoch: Epoch, epochs: number): string;
}

const loss = (value: number | undefined): string => value?.toFixed(4) ?? "";

const COLUMNS: readonly Column[] = [
  { head: "epoch", width: 7, text: ({ epoch }, epochs) => `${epoch}/${epochs}` },
  { head: "train loss", width: 10, text: (e) => loss(e.loss) },
  { head: "accuracy", width: 8, text: (e) => percent(e.accuracy) },
  { head: "test loss", width: 9, text: (e) => loss(e.validation?.loss) },
  { head: "accuracy", width: 8, text: (e) => (e.validation ? percent(e.validation.accuracy) : "") },
  { head: "time", width: 8, text: (e) => duration(e.seconds) },
  { head: "images/s", width: 9, text: (e) => count(e.imagesPerSecond) },
];

/** The columns that fit into `width`. */
const fitting = (width: number): readonly Column[] =>
  COLUMNS.filter((_, i) => COLUMNS.slice(0, i + 1).reduce((sum, c) => sum + c.width + 2, -2) < width);

export const epochHead = (width: number): string =>
  fitting(width)
    .map((c) => c.head.padStart(c.width))
    .join("  ");

export const epochRow = (epoch: Epoch, epochs: number, width: number): string =>
  fitting(width)
    .map((c) => c.text(epoch, epochs).padStart(c.width))
    .join("  ");
