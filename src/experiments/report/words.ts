/** Numbers in sentences. Every function here says what was measured, whichever way it went. */
import { count, counted, percent, significant, size } from "../../train/report/format.ts";
import { type Difference, difference } from "./difference.ts";
import type { Format, Value } from "./report.ts";
import { isSpread, type Spread, spreadOf } from "./spread.ts";

/** A number as its format writes it. */
export function written(value: number, format: Format): string {
  if (!Number.isFinite(value)) return "not a number";
  switch (format) {
    case "percent":
      // Relative errors can be larger than the whole.
      return value > 1 ? `${(100 * value).toFixed(0)}%` : percent(value, 100);
    case "points":
      return pointsText(100 * value);
    case "count":
      return count(value);
    case "number":
      return significant(value);
    case "bytes":
      return size(value);
    case "milliseconds":
      return `${significant(value)} ms`;
  }
}

/** One decimal, or two where one would show a small number as none. */
function pointsText(x: number): string {
  const text = Math.abs(x).toFixed(Math.abs(x) < 0.1 ? 2 : 1);
  return `${x < 0 && Number(text) > 0 ? "−" : ""}${Number(text) === 0 ? "0.0" : text}`;
}

/** `97.1%`, or `97.1% ± 0.4` with the standard deviation over the runs. */
export function valueText(value: Value, format: Format): string {
  if (!isSpread(value)) return written(value, format);
  if (value.runs.length < 2) return written(value.mean, format);
  const off = format === "percent" ? (100 * value.deviation).toFixed(1) : written(value.deviation, format);
  return `${written(value.mean, format)} ± ${off}`;
}

/** `3.1 points`, without a sign. */
export const points = (share: number): string => {
  const text = written(Math.abs(share), "points");
  return `${text} ${text === "1.0" ? "point" : "points"}`;
};

/** Mean of several shares: `97.1%`. */
export const meanPercent = (runs: readonly number[]): string => written(spreadOf(runs).mean, "percent");

/** `95% interval 2.0 to 4.2 points`, or that one run has none. `turned` speaks of the negative: of a loss, where the difference is a gain. */
export function interval({ low, high, pairs }: Difference, turned = false): string {
  const [from, to] = turned ? [-high, -low] : [low, high];
  return pairs < 2 ? "one run gives no interval" : `95% interval ${written(from, "points")} to ${written(to, "points")} points`;
}

/** What changes when b is taken in place of a: `loses 9.1 points of accuracy (...)`. Both are shares, by seed. */
export function change(a: readonly number[], b: readonly number[], of = "accuracy"): string {
  const d = difference(b, a);
  if (d.sign === "unclear") {
    return `shows no clear change of ${of} in ${counted(d.pairs, "run")}: ${signedPoints(d.mean)} (${interval(d)})`;
  }
  return `${d.sign === "above" ? "gains" : "loses"} ${points(d.mean)} of ${of} (${interval(d, d.sign === "below")})`;
}

const signedPoints = (share: number): string => `${share > 0 ? "+" : ""}${written(share, "points")} points`;

/** `A is better than B by 3.1 points (...)`, or that nothing can be said. Both are shares, by seed. */
export function comparison(nameA: string, a: readonly number[], nameB: string, b: readonly number[]): string {
  const d = difference(a, b);
  if (d.sign === "unclear") {
    return `${nameA} and ${nameB} cannot be told apart in ${counted(d.pairs, "run")}: ${signedPoints(d.mean)} (${interval(d)})`;
  }
  return `${nameA} is ${d.sign === "above" ? "better" : "worse"} than ${nameB} by ${points(d.mean)} (${interval(d, d.sign === "below")})`;
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** First letter large. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `3.2 times`, `250 times`, `3.9 million times`. */
export function times(factor: number): string {
  if (factor >= 1e6) return `${significant(factor / 1e6, 2)} million times`;
  return `${factor < 10 ? factor.toFixed(1) : count(factor)} times`;
}

/** Mean and deviation, for text: `97.1% ± 0.4`. */
export const spreadText = (runs: readonly number[], format: Format): string => valueText(spreadOf(runs) satisfies Spread, format);
