/** A quantity measured at several sizes. */
export interface Measured {
  readonly x: number;
  readonly y: number;
}

/** The p of y = c x^p that fits best: the slope of the straight line through the logarithms, by least squares. */
export function exponent(points: readonly Measured[]): number {
  const logs = points.map(({ x, y }) => [Math.log(x), Math.log(y)] as const);
  const mean = (of: 0 | 1): number => logs.reduce((s, p) => s + p[of], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const [across, squares] = logs.reduce(([a, s], [x, y]) => [a + (x - mx) * (y - my), s + (x - mx) ** 2], [0, 0]);
  return across / squares;
}
