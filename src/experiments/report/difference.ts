import { spreadOf } from "./spread.ts";

/** How much larger one thing is than another, as far as the repetitions can tell. */
export interface Difference {
  /** Mean of a - b. */
  readonly mean: number;
  /** Ends of the 95% confidence interval of that mean; without bounds for a single pair. */
  readonly low: number;
  readonly high: number;
  /** "unclear" where the interval holds zero. */
  readonly sign: "above" | "below" | "unclear";
  readonly pairs: number;
}

/** Student's t, two-sided 95%, for 1, 2, ... degrees of freedom. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228] as const;
const NORMAL = 1.96;

/** Whether `a` is above `b`, by a paired t-test: a[i] and b[i] come from the same seed, that is, from the same images. */
export function difference(a: readonly number[], b: readonly number[]): Difference {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`difference: takes as many of both, got ${a.length} and ${b.length}`);
  const { mean, deviation } = spreadOf(a.map((value, i) => value - b[i]!));
  const pairs = a.length;
  const reach = pairs < 2 ? Number.POSITIVE_INFINITY : ((STUDENT[pairs - 2] ?? NORMAL) * deviation) / Math.sqrt(pairs);
  const [low, high] = [mean - reach, mean + reach];
  const sign = !Number.isFinite(mean) ? "unclear" : low > 0 ? "above" : high < 0 ? "below" : "unclear";
  return { mean, low, high, sign, pairs };
}
