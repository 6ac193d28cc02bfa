/** What an experiment shows and says, as plain data: the page draws it. */
import type { Shape } from "../../base/shape.ts";
import type { Spread } from "./spread.ts";

/** How a number is written. "points" are hundredths of a share: 0.031 is 3.1 points. */
export type Format = "percent" | "points" | "count" | "number" | "bytes" | "milliseconds";

/** One number, or one for each repetition. */
export type Value = number | Spread;

/** Something to show. */
export type Block = Chart | Table | Pictures;

/** Lines over a common axis; several values at a point are drawn as their mean with a whisker from the least to the largest. */
export interface Chart {
  readonly kind: "chart";
  readonly title: string;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  readonly series: readonly ChartSeries[];
  readonly note?: string;
}

export interface AxisSpec {
  readonly label: string;
  readonly format: Format;
  /** Default "linear". On a logarithmic axis values must be above zero; others are left out. */
  readonly scale?: "linear" | "log";
  /** Ends of the axis; default: of the data. */
  readonly low?: number;
  readonly high?: number;
  /** Marks in place of round numbers. */
  readonly ticks?: readonly { readonly value: number; readonly label: string }[];
}

export interface ChartSeries {
  readonly name: string;
  /** Which colour and dashes, from 0, where a chart leaves some of the series out that others have. Default: its place. */
  readonly look?: number;
  /** By ascending x. A value that is not finite breaks the line. */
  readonly points: readonly { readonly x: number; readonly y: Value }[];
}

export interface Table {
  readonly kind: "table";
  readonly title: string;
  /** The first column names the rows. */
  readonly columns: readonly { readonly name: string; readonly format?: Format; readonly bar?: boolean }[];
  /** A cell that is undefined is a dash. */
  readonly rows: readonly (readonly (string | Value | undefined)[])[];
  readonly note?: string;
}

export interface Pictures {
  readonly kind: "pictures";
  readonly title: string;
  readonly items: readonly Picture[];
  readonly note?: string;
}

/** Bytes [c, h, w] as a photograph, or signed numbers [h, w] in blue (above zero) and orange. */
export interface Picture {
  readonly caption: string;
  readonly kind: "photo" | "signed";
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** A network as it was measured. */
export interface NetRow {
  readonly name: string;
  /** `conv 5 x 5, 8 maps; ReLU; ...` */
  readonly layers: string;
  readonly parameters: number;
  /** For one image, forward. */
  readonly multiplyAdds: number;
}

/** A number in large type. */
export interface Headline {
  readonly label: string;
  readonly value: Value;
  readonly format: Format;
  readonly more: string;
}

/** Things to show, and sentences about them. */
export interface Part {
  readonly blocks: readonly Block[];
  readonly says: readonly string[];
}

/** All of an experiment's page but how it was run. */
export interface Report extends Part {
  /** The answer to the question, in a sentence or two that follow from the numbers. */
  readonly answer: string;
  /** At most four. */
  readonly headlines: readonly Headline[];
  /** What was done, by name: data, training, seeds. */
  readonly setup: readonly (readonly [name: string, text: string])[];
  readonly nets: readonly NetRow[];
}
