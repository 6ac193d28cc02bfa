/**
 * Spearman's rank correlation of two lists of the same length, -1 to 1; equal values share their mean rank. NaN where all of one list are
 * equal, so that there is no order to compare.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [ra, rb] = [ranksOf(a), ranksOf(b)];
  // Ranks go from 0 to n - 1 whatever their ties, so both have this mean.
  const mean = (a.length - 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [ra[i]! - mean, rb[i]! - mean];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let r = from; r < to; r++) ranks[order[r]!] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}
