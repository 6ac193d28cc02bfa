/** Places in a signal that stand out. */

/** A sample that is higher than its neighbours. */
export interface Peak {
  readonly index: number;
  readonly height: number;
  /** How far one has to go down from it before one can go up to something higher. */
  readonly prominence: number;
}

/** What a peak must have to count. */
export interface PeakOptions {
  readonly height?: number;
  readonly prominence?: number;
  /** Samples between two peaks, at least; of two that are closer the lower is left out. Default 1. */
  readonly distance?: number;
}

/**
 * Local maxima of a signal in order, of which the smallest can be left out. Of a plateau the middle counts; ends are no peaks. SciPy's
 * find_peaks, with the same names.
 */
export function findPeaks(signal: ArrayLike<number>, options: PeakOptions = {}): Peak[] {
  const { height = Number.NEGATIVE_INFINITY, prominence = 0, distance = 1 } = options;
  const high = localMaxima(signal).filter((i) => signal[i]! >= height);
  return apart(signal, high, distance)
    .map((index) => ({ index, height: signal[index]!, prominence: prominenceOf(signal, index) }))
    .filter((p) => p.prominence >= prominence);
}

function localMaxima(signal: ArrayLike<number>): number[] {
  const found: number[] = [];
  for (let i = 1; i < signal.length - 1; ) {
    let end = i;
    while (end < signal.length - 1 && signal[end + 1] === signal[i]) end++;
    const rises = signal[i - 1]! < signal[i]!;
    if (rises && end < signal.length - 1 && signal[end + 1]! < signal[i]!) found.push((i + end) >> 1);
    i = end + 1;
  }
  return found;
}

/** The peaks without those that are closer than `distance` to a higher one, the highest first. */
function apart(signal: ArrayLike<number>, peaks: readonly number[], distance: number): number[] {
  const gone = new Set<number>();
  const byHeight = [...peaks].sort((a, b) => signal[b]! - signal[a]! || b - a);
  for (const p of byHeight) {
    if (gone.has(p)) continue;
    for (const q of peaks) if (q !== p && Math.abs(q - p) < distance) gone.add(q);
  }
  return peaks.filter((p) => !gone.has(p));
}

function prominenceOf(signal: ArrayLike<number>, peak: number): number {
  const lowest = (step: 1 | -1): number => {
    let low = signal[peak]!;
    for (let i = peak; i >= 0 && i < signal.length && signal[i]! <= signal[peak]!; i += step) low = Math.min(low, signal[i]!);
    return low;
  };
  return signal[peak]! - Math.max(lowest(-1), lowest(1));
}
