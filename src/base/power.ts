/** Powers from + - * / alone: like math.ts, the same bits on every engine. JavaScript leaves the last bits of ** to the engine. */

// ln 2 in two parts: the first has 32 significant bits, so that n * LN2_HIGH is exact for |n| < 2^20.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** 1/21, 1/19, ..., 1/3. */
const INVERSES: readonly number[] = [21, 19, 17, 15, 13, 11, 9, 7, 5, 3].map((k) => 1 / k);

/** Natural logarithm of a normal number above 0, within an ulp or two. */
export function logarithm(x: number): number {
  let n = 0;
  for (; x > Math.SQRT2; n++) x /= 2;
  for (; x < Math.SQRT1_2; n--) x *= 2;
  // ln x = 2 artanh s; the first term left out is below 1e-18.
  const s = (x - 1) / (x + 1);
  const z = s * s;
  let tail = 0;
  for (const inverse of INVERSES) tail = z * (tail + inverse);
  return n * LN2_HIGH + (2 * s + (2 * s * tail + n * LN2_LOW));
}

/** e^x for x < 700, within an ulp or two; 0 far below. */
export function exponential(x: number): number {
  const n = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let sum = 1;
  for (let k = 14; k >= 1; k--) sum = 1 + (r / k) * sum;
  for (let i = 0; i < n; i++) sum *= 2;
  for (let i = 0; i > n; i--) sum /= 2;
  return sum;
}

/** x^y for x >= 0 and y >= 0, where it is no more than 1e300; exact products of x where y is whole. */
export function power(x: number, y: number): number {
  if (Number.isInteger(y)) {
    let result = 1;
    for (let [base, n] = [x, y]; n > 0; [base, n] = [base * base, Math.floor(n / 2)]) if (n % 2 === 1) result *= base;
    return result;
  }
  return x === 0 ? 0 : exponential(y * logarithm(x));
}
