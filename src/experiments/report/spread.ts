/** One number from each of several repetitions, and what they have in common. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation; 0 for a single run. */
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
  readonly runs: readonly number[];
}

/** The spread of these runs, of which there must be one at least. */
export function spreadOf(runs: readonly number[]): Spread {
  const mean = meanOf(runs);
  const squares = runs.reduce((sum, run) => sum + (run - mean) * (run - mean), 0);
  const deviation = runs.length < 2 ? 0 : Math.sqrt(squares / (runs.length - 1));
  return { mean, deviation, least: Math.min(...runs), most: Math.max(...runs), runs };
}

/** Summed in order. */
export const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const isSpread = (value: unknown): value is Spread => typeof value === "object" && value !== null && "runs" in value;

/** The number, or the mean of several. */
export const middleOf = (value: number | Spread): number => (isSpread(value) ? value.mean : value);
