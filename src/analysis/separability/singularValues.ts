/** Singular values of many small matrices, fast: to about 1e-8 of the largest, which is finer than f32 weights are. */

/** Rounds over all pairs. Half a dozen are enough; the bound keeps NaN from going round for ever. */
const MOST_SWEEPS = 30;

/**
 * The singular values of a matrix, row-major [rows, columns], the largest first: roots of the eigenvalues of the smaller of A A^T and A^T A,
 * which Jacobi rotations make diagonal. `svd` also gives small ones to the last digits.
 */
export function singularValues(a: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const n = Math.min(rows, columns);
  const [own, across, length] = rows < columns ? [columns, 1, columns] : [1, columns, rows];
  const g = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += a[i * own + k * across]! * a[j * own + k * across]!;
      g[i * n + j] = g[j * n + i] = sum;
    }
  }
  for (let sweep = 0, turned = true; turned && sweep < MOST_SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) turned = rotate(g, n, p, q) || turned;
  }
  return Float64Array.from({ length: n }, (_, i) => Math.sqrt(Math.max(0, g[i * n + i]!))).sort((x, y) => y - x);
}

/** Makes elements pq and qp of a symmetric matrix zero by a rotation; false if they are, about. */
function rotate(g: Float64Array, n: number, p: number, q: number): boolean {
  const [pp, qq, pq] = [g[p * n + p]!, g[q * n + q]!, g[p * n + q]!];
  if (!(Math.abs(pq) > 1e-16 * Math.max(Math.abs(pp), Math.abs(qq)))) return false;
  const zeta = (qq - pp) / (2 * pq);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  for (let k = 0; k < n; k++) {
    const [x, y] = [g[k * n + p]!, g[k * n + q]!];
    g[k * n + p] = c * x - s * y;
    g[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [g[p * n + k]!, g[q * n + k]!];
    g[p * n + k] = c * x - s * y;
    g[q * n + k] = s * x + c * y;
  }
  g[p * n + q] = g[q * n + p] = 0;
  return true;
}
