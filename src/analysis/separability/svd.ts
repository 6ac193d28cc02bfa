/** Singular values by one-sided Jacobi rotations: slow for large matrices, accurate to the last digits for small ones. */

/** a = u diag(s) v^T. */
export interface Svd {
  /** Singular values, the largest first; as many as the shorter side is long. */
  readonly s: Float64Array;
  /** Left vectors: u[i] of length rows belongs to s[i]. Zeros where s[i] is 0. */
  readonly u: readonly Float64Array[];
  /** Right vectors: v[i] of length columns belongs to s[i]. */
  readonly v: readonly Float64Array[];
}

/** Rounds over all pairs of columns. A dozen are enough for any matrix; the bound keeps NaN from going round for ever. */
const MOST_SWEEPS = 60;

/**
 * The singular value decomposition of a matrix, row-major [rows, columns].
 *
 * Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958: columns are rotated in pairs until all are orthogonal;
 * then their lengths are the singular values.
 */
export function svd(a: ArrayLike<number>, rows: number, columns: number): Svd {
  if (columns > rows) {
    const t = Float64Array.from({ length: rows * columns }, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]!);
    const { s, u, v } = svd(t, columns, rows);
    return { s, u: v, v: u };
  }
  const w = Array.from({ length: columns }, (_, c) => Float64Array.from({ length: rows }, (_, r) => a[r * columns + c]!));
  const v = Array.from({ length: columns }, (_, c) => Float64Array.from({ length: columns }, (_, i) => (i === c ? 1 : 0)));
  for (let sweep = 0, turned = true; turned && sweep < MOST_SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < columns; p++) for (let q = p + 1; q < columns; q++) turned = rotate(w[p]!, w[q]!, v[p]!, v[q]!) || turned;
  }
  const lengths = w.map((c) => Math.sqrt(dot(c, c)));
  const order = [...lengths.keys()].sort((i, j) => lengths[j]! - lengths[i]!);
  return {
    s: Float64Array.from(order, (i) => lengths[i]!),
    u: order.map((i) => w[i]!.map((x) => (lengths[i]! > 0 ? x / lengths[i]! : 0))),
    v: order.map((i) => v[i]!),
  };
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** Turns columns p and q in their plane until they are orthogonal; false if they are already. */
function rotate(p: Float64Array, q: Float64Array, vp: Float64Array, vq: Float64Array): boolean {
  const [pp, qq, pq] = [dot(p, p), dot(q, q), dot(p, q)];
  if (!(Math.abs(pq) > 1e-15 * Math.sqrt(pp * qq))) return false;
  const zeta = (qq - pp) / (2 * pq);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  turn(p, q, c, c * t);
  turn(vp, vq, c, c * t);
  return true;
}

function turn(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
}
